import { html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";

const ALL = 0.995;

/** How much of its time a figure knows, where that is not all of it. */
export function known({ words, format }: Context, share: number): TemplateResult | typeof nothing {
  if (share >= ALL) return nothing;
  const said = share > 0 ? words.t("known_share", { share: format.percent(share) }) : words.t("known_nothing");
  return html`<span class="known">${said}</span>`;
}
