import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Doing } from "../asked";
import type { Context } from "../context";
import type { Consent, Home, Program } from "../documents";
import { consoleStyle } from "../style";
import { consentCard, nameOf } from "./consents";
import { empty, failure, fieldsOf } from "./said";

/** What a household agreed to: it alone agrees, for as long as it says, and ends it whenever it likes. */
export class OwnConsents extends LitElement {
  static override properties = {
    context: { attribute: false },
    home: { attribute: false },
    consents: { attribute: false },
    programs: { attribute: false },
    program: { state: true },
  };
  declare context: Context;
  declare home: Home;
  declare consents: Consent[];
  declare programs: Program[];
  declare program: string | undefined;

  readonly #doing = new Doing(this);

  #do(deed: () => Promise<unknown>): void {
    void this.#doing.run(deed).then((isDone) => isDone && this.dispatchEvent(new CustomEvent("changed")));
  }

  #agree = (event: SubmitEvent): void => {
    const { program = "", until = "" } = fieldsOf(event);
    const body = { program_id: program, valid_until: new Date(`${until}T23:59:59`).toISOString(), devices: [], text: this.#text(program) };
    this.#do(() => this.context.api.post(`/homes/${encodeURIComponent(this.home.ven_id)}/consents`, body));
  };

  /** The words that are shown, and kept as they were shown. */
  #text(program: string): string {
    const { t } = this.context.words;
    const text = t("consent_text", { home: this.home.name, program: nameOf(this.programs, program) });
    return this.programs.find(({ id }) => id === program)?.reads_energy ? `${text} ${t("consent_text_energy")}` : text;
  }

  protected override render(): TemplateResult {
    const { words } = this.context;
    const standing = this.consents.filter((each) => !each.ended_at);
    return html`<section class="stack">
      <h2>${words.t("consents")}</h2>
      ${standing.length
        ? standing.map((consent) => consentCard(this.context, consent, this.programs, this.#ending(consent)))
        : html`<div class="card">${empty(words.t("own_consents_none"))}</div>`}
      ${failure(this.context, this.#doing)} ${this.programs.length ? this.#form() : nothing}
    </section>`;
  }

  #ending(consent: Consent): TemplateResult {
    const { words, api } = this.context;
    const end = (): void => this.#do(() => api.post(`/consents/${consent.id}/end`));
    return html`<button ?disabled=${this.#doing.isBusy} @click=${end}>${words.t("consent_end")}</button>`;
  }

  #form(): TemplateResult {
    const { t } = this.context.words;
    const chosen = this.program ?? this.programs[0]?.id ?? "";
    const nextYear = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
    return html`<details class="card">
      <summary>${t("consent_give")}</summary>
      <form @submit=${this.#agree}>
        <div class="fields">
          <label
            >${t("program")}<select name="program" @change=${(event: Event) => (this.program = (event.target as HTMLSelectElement).value)}>
              ${this.programs.map(({ id, name }) => html`<option value=${id} ?selected=${id === chosen}>${name}</option>`)}
            </select></label
          >
          <label>${t("consent_until")}<input name="until" type="date" required value=${nextYear} /></label>
        </div>
        <blockquote>${this.#text(chosen)}</blockquote>
        <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("consent_agree")}</button></div>
      </form>
    </details>`;
  }

  static override styles = consoleStyle;
}
