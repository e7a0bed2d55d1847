import { html, LitElement, type TemplateResult } from "lit";
import { Doing } from "../asked";
import { type Context, go } from "../context";
import type { Invitation, Program } from "../documents";
import { consoleStyle } from "../style";
import { inMinutes, localInput } from "../times";
import { failure, fieldsOf, listed } from "./said";

/** Asks homes whether they would: so many kWh, from a time on, for so long. */
export class InvitationForm extends LitElement {
  static override properties = { context: { attribute: false }, programs: { attribute: false } };
  declare context: Context;
  declare programs: Program[];

  readonly #doing = new Doing(this);

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  #close = (): void => void this.dispatchEvent(new CustomEvent("closed"));

  #invite = async (event: SubmitEvent): Promise<void> => {
    const fields = fieldsOf(event);
    const body = {
      program_id: fields.program,
      event_time: new Date(fields.start ?? "").toISOString(),
      load_kwh: Number(fields.kwh),
      duration_minutes: Number(fields.minutes),
      direction: fields.direction,
      devices: [],
      targets: { feeders: listed(fields.feeders), postcodes: listed(fields.postcodes), device_kinds: [], ven_ids: listed(fields.homes) },
      answer_by: null,
      // As it was typed: a price is no number of JavaScript's on its way to a settlement.
      price_per_kwh: fields.price || null,
      currency: fields.currency,
    };
    await this.#doing.run(async () => {
      const made = await this.context.api.post<Invitation>("/invitations", body);
      this.#close();
      go("invitations", made.id);
    });
  };

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<dialog aria-labelledby="title" @close=${this.#close}>
      <h2 id="title">${t("invitation_new")}</h2>
      <form @submit=${this.#invite}>
        <div class="fields">
          <label
            >${t("program")}<select name="program" required>
              ${this.programs.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
            </select></label
          >
          <label>${t("start")}<input name="start" type="datetime-local" step="1" required value=${localInput(inMinutes(new Date(), 60))} /></label>
          <label>${t("minutes")}<input name="minutes" type="number" min="1" max="1440" required value="60" /></label>
          <label>${t("load_kwh")}<input name="kwh" type="number" min="0.001" step="0.001" required value="10" /></label>
          <label>${t("pays_kwh")}<small>${t("pays_hint")}</small><input name="price" type="number" min="0" max="1000" step="0.000001" /></label>
          <label>${t("currency")}<input name="currency" pattern="[A-Z]{3}" required value="EUR" /></label>
          <label>${t("feeders")}<small>${t("feeders_hint")}</small><input name="feeders" autocomplete="off" spellcheck="false" /></label>
          <label>${t("postcodes")}<small>${t("feeders_hint")}</small><input name="postcodes" autocomplete="off" spellcheck="false" /></label>
          <label>${t("ven_ids")}<small>${t("feeders_hint")}</small><input name="homes" autocomplete="off" spellcheck="false" /></label>
        </div>
        <fieldset>
          <legend>${t("direction")}</legend>
          <label class="check"><input type="radio" name="direction" value="less" checked />${t("direction_less")}</label>
          <label class="check"><input type="radio" name="direction" value="more" />${t("direction_more")}</label>
        </fieldset>
        ${failure(this.context, this.#doing)}
        <div class="actions">
          <button type="button" @click=${this.#close}>${t("cancel")}</button>
          <button class="main" ?disabled=${this.#doing.isBusy}>${t("invite")}</button>
        </div>
      </form>
    </dialog>`;
  }

  static override styles = consoleStyle;
}
