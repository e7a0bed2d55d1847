import { html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Consent, Program } from "../documents";
import { state, type Tone } from "./said";

export function nameOf(programs: readonly Program[], id: string): string {
  return programs.find((each) => each.id === id)?.name ?? id;
}

function stateOf({ words, format }: Context, consent: Consent, now: Date): [Tone, string] {
  if (consent.ended_at) return ["idle", words.t("consent_ended", { date: format.date(consent.ended_at) })];
  if (new Date(consent.valid_until) <= now) return ["idle", words.t("consent_ended", { date: format.date(consent.valid_until) })];
  return ["good", words.t("until", { date: format.date(consent.valid_until) })];
}

/** A consent with the words that were agreed to; `actions` are what may be done about it. */
export function consentCard(
  context: Context,
  consent: Consent,
  programs: readonly Program[],
  actions: TemplateResult | typeof nothing,
): TemplateResult {
  const { words, format } = context;
  const [tone, text] = stateOf(context, consent, new Date());
  return html`<article class="card stack">
    <div class="row">
      <h3 class="grow">${nameOf(programs, consent.program_id)}</h3>
      ${state(tone, text)}
    </div>
    <p>${consent.devices.length ? words.t("consent_devices", { devices: consent.devices.join(", ") }) : words.t("consent_whole")}</p>
    <blockquote>${consent.text}</blockquote>
    <p class="hint">${words.t("consent_agreed", { time: format.date(consent.agreed_at), how: words.of("how", consent.agreed_how) })}</p>
    ${actions === nothing ? nothing : html`<div class="actions">${actions}</div>`}
  </article>`;
}
