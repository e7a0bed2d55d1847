import { html, LitElement, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { Asked, Doing } from "../asked";
import { type Context, go, href } from "../context";
import type { Dispatch, Settlement } from "../documents";
import { empty, failure, shown, table } from "../parts/said";
import { consoleStyle } from "../style";

interface Found {
  settlements: Settlement[];
  dispatches: Dispatch[];
}

/** What events came to: those that wait to be settled, and those that are. */
export class SettlementPage extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #found = new Asked<Found>(
    this,
    async ({ api }) => {
      const [settlements, dispatches] = await Promise.all([
        api.get<Settlement[]>("/settlements"),
        api.get<Dispatch[]>("/dispatches", { state: "over" }),
      ]);
      return { settlements, dispatches };
    },
    ["settlement.", "dispatch."],
  );
  readonly #doing = new Doing(this);

  #settle(dispatch: Dispatch): void {
    void this.#doing.run(async () => {
      const made = await this.context.api.post<Settlement>("/settlements", { dispatch_id: dispatch.id });
      go("settlement", made.id);
    });
  }

  protected override render(): TemplateResult {
    const { words, rest } = this.context;
    const [id] = rest;
    if (id !== undefined) {
      return html`${keyed(id, html`<hc-settlement-detail .context=${this.context} .settlementId=${id}></hc-settlement-detail>`)}`;
    }
    return html`<div class="page">
      <h1>${words.t("page_settlement")}</h1>
      ${failure(this.context, this.#doing)} ${shown(this.context, this.#found, (found) => this.#show(found))}
    </div>`;
  }

  #show({ settlements, dispatches }: Found): TemplateResult {
    const { t } = this.context.words;
    const settled = new Set(settlements.map((each) => each.dispatch_id));
    const waiting = dispatches.filter((each) => each.id !== null && !settled.has(each.id));
    return html`${waiting.length && this.context.account.role !== "auditor"
        ? html`<section class="card">
            <h2>${t("settle_waiting")}</h2>
            <ul class="rows">
              ${waiting.map((each) => this.#waiting(each))}
            </ul>
          </section>`
        : nothing}
      <section class="card">${settlements.length ? this.#list(settlements, dispatches) : empty(t("settlements_none"))}</section>`;
  }

  #waiting(dispatch: Dispatch): TemplateResult {
    const { words, format } = this.context;
    return html`<li class="row">
      <span class="grow"><a href=${href("events", dispatch.id ?? "")}>${dispatch.name}</a> <span class="quiet">${format.span(dispatch.start, dispatch.end)}</span></span>
      <button ?disabled=${this.#doing.isBusy} aria-label=${words.t("settle_event", { name: dispatch.name })} @click=${() => this.#settle(dispatch)}>
        ${words.t("settle")}
      </button>
    </li>`;
  }

  #list(settlements: Settlement[], dispatches: Dispatch[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    const name = (each: Settlement): string => dispatches.find(({ id }) => id === each.dispatch_id)?.name ?? each.dispatch_id;
    return table(
      t("page_settlement"),
      [
        { name: t("event"), text: true },
        { name: t("delivered_energy") },
        { name: t("price"), wide: true },
        { name: t("amount") },
        { name: t("settled_homes"), wide: true },
      ],
      settlements.map(
        (each) => html`<tr>
          <th scope="row"><a href=${href("settlement", each.id)}>${name(each)}</a><small>${format.moment(each.made_at)}</small></th>
          <td class="number">${format.signedEnergy(each.delivered_kwh * 1000)}</td>
          <td class="wide number">${format.price(Number(each.price_per_kwh), each.currency, 3)}</td>
          <td class="number">${format.money(Number(each.amount), each.currency)}</td>
          <td class="wide number">${format.number(each.counts.settled)}</td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
