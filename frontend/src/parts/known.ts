import { html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";

const ALL = 0.995;

/** How much of its time a figure knows, where that is not all of it. */
export function known({ words, format }: Context, share: number): TemplateResult | typeof nothing {
  if (share >= ALL) return nothing;
  const said = share > 0 ? words.t("known_share", { share: format.percent(share) }) : words.t("known_nothing");
  return html`<span class="known">${said}</span>`;
}

/** A figure with how much of its time it knows; one that is not known says so once. */
export function figure(context: Context, value: string | null, share: number): TemplateResult {
  return html`<span class="number said">${value ?? context.words.t("unknown")}</span> ${value === null ? nothing : known(context, share)}`;
}
