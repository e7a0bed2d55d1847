import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Doing } from "../asked";
import { type Context, go } from "../context";
import type { Dispatch, Program } from "../documents";
import { inMinutes, localInput } from "../times";
import { consoleStyle } from "../style";
import { failure, fieldsOf, listed, tiles } from "./said";

/** Calls homes for power: first what it would come to, then the call itself. */
export class DispatchForm extends LitElement {
  static override properties = {
    context: { attribute: false },
    programs: { attribute: false },
    plan: { state: true },
  };
  declare context: Context;
  declare programs: Program[];
  /** What the words in the form would come to. */
  declare plan: Dispatch | undefined;

  readonly #doing = new Doing(this);
  #asked: Record<string, unknown> = {};

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  #close = (): void => void this.dispatchEvent(new CustomEvent("closed"));

  #reckon = async (event: SubmitEvent): Promise<void> => {
    const fields = fieldsOf(event);
    this.#asked = {
      program_id: fields.program,
      name: fields.name || null,
      start: new Date(fields.start ?? "").toISOString(),
      duration_minutes: Number(fields.minutes),
      need_kw: Number(fields.kw),
      direction: fields.direction,
      targets: { feeders: listed(fields.feeders), postcodes: listed(fields.postcodes), device_kinds: [], ven_ids: [] },
      shaped: fields.shaped === "on",
    };
    await this.#doing.run(async () => {
      this.plan = await this.context.api.post<Dispatch>("/dispatches", { ...this.#asked, rehearse: true });
    });
  };

  #call = async (): Promise<void> => {
    await this.#doing.run(async () => {
      const made = await this.context.api.post<Dispatch>("/dispatches", this.#asked);
      this.#close();
      go("events", made.id ?? "");
    });
  };

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    const now = new Date();
    return html`<dialog aria-labelledby="title" @close=${this.#close}>
      <h2 id="title">${t("dispatch_new")}</h2>
      <form @submit=${this.#reckon} @input=${() => (this.plan = undefined)}>
        <div class="fields">
          <label
            >${t("program")}<select name="program" required>
              ${this.programs.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
            </select></label
          >
          <label>${t("event_name")}<input name="name" maxlength="128" autocomplete="off" /></label>
          <label>${t("start")}<input name="start" type="datetime-local" step="1" required value=${localInput(inMinutes(now, 1))} /></label>
          <label>${t("minutes")}<input name="minutes" type="number" min="1" max="1440" required value="15" /></label>
          <label>${t("need_kw")}<input name="kw" type="number" min="0.1" step="0.1" required value="10" /></label>
          <label>${t("feeders")}<small>${t("feeders_hint")}</small><input name="feeders" autocomplete="off" spellcheck="false" /></label>
        </div>
        <fieldset>
          <legend>${t("direction")}</legend>
          <label class="check"><input type="radio" name="direction" value="less" checked />${t("direction_less")}</label>
          <label class="check"><input type="radio" name="direction" value="more" />${t("direction_more")}</label>
        </fieldset>
        <label class="check"><input type="checkbox" name="shaped" checked />${t("shaped")}</label>
        ${this.plan ? this.#outcome(this.plan) : nothing} ${failure(this.context, this.#doing)}
        <div class="actions">
          <button type="button" @click=${this.#close}>${t("cancel")}</button>
          <button class=${this.plan ? "" : "main"} ?disabled=${this.#doing.isBusy}>${t("reckon")}</button>
          ${this.plan
            ? html`<button type="button" class="main" ?disabled=${this.#doing.isBusy || this.plan.counts.called === 0} @click=${this.#call}>
                ${t("call_homes", { homes: this.plan.counts.called })}
              </button>`
            : nothing}
        </div>
      </form>
    </dialog>`;
  }

  #outcome(plan: Dispatch): TemplateResult {
    const { words, format } = this.context;
    const most = (values: number[]): string => format.power(1000 * Math.max(0, ...values));
    const short = Math.max(0, ...plan.short_kw);
    return html`<div class="stack" role="status">
      ${tiles([
        [words.t("called"), format.number(plan.counts.called)],
        [words.t("expected"), most(plan.expected_kw)],
        [words.t("cost"), format.money(Number(plan.cost), plan.currency)],
      ])}
      ${short > 0.05 ? html`<p class="error">${words.t("plan_short", { power: format.power(short * 1000) })}</p>` : nothing}
      ${plan.counts.left_out ? html`<p class="hint">${words.t("plan_left_out", { homes: plan.counts.left_out })}</p>` : nothing}
    </div>`;
  }

  static override styles = consoleStyle;
}
