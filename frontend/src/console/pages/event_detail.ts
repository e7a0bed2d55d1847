import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import { type Context, go, href } from "../context";
import type { Dispatch, DispatchedHome, Settlement } from "../documents";
import { empty, failure, shown, state, table } from "../parts/said";
import { consoleStyle } from "../style";
import { TONES } from "./events";

interface Detail {
  dispatch: Dispatch;
  missing: DispatchedHome[];
  settlement: Settlement | undefined;
}

/** One event: as it is delivered, who was left out and why, and what may be done about it. */
export class EventDetail extends LitElement {
  static override properties = { context: { attribute: false }, dispatchId: { attribute: false } };
  declare context: Context;
  declare dispatchId: string;

  readonly #detail = new Asked<Detail>(this, (context) => this.#ask(context), ["dispatch.redispatch", "dispatch.cancel", "settlement."]);
  readonly #doing = new Doing(this);
  #clock: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#clock);
  }

  async #ask({ api }: Context): Promise<Detail> {
    const path = `/dispatches/${encodeURIComponent(this.dispatchId)}`;
    const [dispatch, homes, settlements] = await Promise.all([
      api.get<Dispatch>(path),
      api.get<DispatchedHome[]>(`${path}/homes`),
      api.get<Settlement[]>("/settlements", { dispatch_id: this.dispatchId }),
    ]);
    this.#lookWhenItTurns(dispatch);
    return { dispatch, missing: homes.filter((home) => home.state !== "called"), settlement: settlements[0] };
  }

  /** No message says that an event begins or ends: the clock does. */
  #lookWhenItTurns({ start, end }: Dispatch): void {
    clearTimeout(this.#clock);
    const now = Date.now();
    const next = [start, end].map((time) => new Date(time).getTime()).find((time) => time > now);
    if (next !== undefined) this.#clock = setTimeout(() => void this.#detail.refresh(), Math.min(next - now + 500, 3_600_000));
  }

  #post(what: "redispatch" | "cancel"): void {
    void this.#doing.run(async () => {
      await this.context.api.post(`/dispatches/${this.dispatchId}/${what}`);
      await this.#detail.refresh();
    });
  }

  #settle = (): void => {
    void this.#doing.run(async () => {
      const made = await this.context.api.post<Settlement>("/settlements", { dispatch_id: this.dispatchId });
      go("settlement", made.id);
    });
  };

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <p><a href=${href("events")}>${t("events_back")}</a></p>
      ${shown(this.context, this.#detail, (detail) => this.#show(detail))}
    </div>`;
  }

  #show({ dispatch, missing, settlement }: Detail): TemplateResult {
    const { words, format } = this.context;
    return html`<div class="top">
        <h1>${dispatch.name}</h1>
        ${state(TONES[dispatch.state], words.of("dispatch", dispatch.state))} ${this.#actions(dispatch, settlement)}
      </div>
      <p class="quiet">
        ${format.span(dispatch.start, dispatch.end)} · ${words.of("direction", dispatch.direction)} ·
        ${format.price(Number(dispatch.price_per_kwh), dispatch.currency, 3)}
      </p>
      ${failure(this.context, this.#doing)}
      <hc-delivery .context=${this.context} .dispatch=${dispatch}></hc-delivery>
      <section class="card">
        <h2>${words.t("not_called")}</h2>
        ${missing.length ? this.#missing(missing) : empty(words.t("not_called_none"))}
      </section>`;
  }

  #actions(dispatch: Dispatch, settlement: Settlement | undefined): TemplateResult | typeof nothing {
    const { words, account } = this.context;
    const { t } = words;
    if (settlement) return html`<a class="button" href=${href("settlement", settlement.id)}>${t("to_settlement")}</a>`;
    if (account.role === "auditor" || dispatch.state === "cancelled") return nothing;
    if (dispatch.state === "over") {
      return html`<button class="main" ?disabled=${this.#doing.isBusy} @click=${this.#settle}>${t("settle")}</button>`;
    }
    return html`<button ?disabled=${this.#doing.isBusy} @click=${() => this.#post("redispatch")}>${t("redispatch")}</button>
      <button ?disabled=${this.#doing.isBusy} @click=${() => this.#post("cancel")}>${t("event_cancel")}</button>`;
  }

  #missing(homes: DispatchedHome[]): TemplateResult {
    const { words } = this.context;
    const { t } = words;
    return table(
      t("not_called"),
      [
        { name: t("home"), text: true },
        { name: t("state"), text: true },
        { name: t("reason"), text: true },
      ],
      homes.map(
        (home) => html`<tr>
          <th scope="row">${home.name}<small>${home.feeder ?? home.ven_id}</small></th>
          <td class="text">${words.of("called", home.state)}</td>
          <td class="text">${home.reason ? words.of("reason", home.reason) : "–"}</td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
