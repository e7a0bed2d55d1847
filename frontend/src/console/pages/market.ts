import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Clearing, Home, Order } from "../documents";
import { empty, failure, fieldsOf, shown, state, table } from "../parts/said";
import { consoleStyle } from "../style";
import { inMinutes, localInput } from "../times";

const QUARTER_MS = 900_000;

interface Found {
  orders: Order[];
  clearings: Clearing[];
  homes: Home[];
}

/** The community's market: orders for a quarter-hour, what was cleared, and rules of sharing side by side. */
export class MarketPage extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #found = new Asked<Found>(this, async ({ api, account }) => {
    const [orders, clearings, homes] = await Promise.all([
      api.get<Order[]>("/market/orders"),
      api.get<Clearing[]>("/market/clearings"),
      account.role === "auditor" ? [] : api.get<Home[]>("/homes"),
    ]);
    return { orders, clearings, homes };
  });
  readonly #doing = new Doing(this);

  #do(deed: () => Promise<unknown>): void {
    void this.#doing.run(async () => {
      await deed();
      await this.#found.refresh();
    });
  }

  #place = (event: SubmitEvent): void => {
    const { home, side, price, energy, start = "" } = fieldsOf(event);
    this.#do(() =>
      this.context.api.post("/market/orders", {
        ven_id: home,
        side,
        price_per_kwh: price,
        quantity_kwh: Number(energy),
        interval_start: new Date(start).toISOString(),
      }),
    );
  };

  protected override render(): TemplateResult {
    const { words, account } = this.context;
    return html`<div class="page">
      <h1>${words.t("page_market")}</h1>
      ${failure(this.context, this.#doing)} ${shown(this.context, this.#found, (found) => this.#show(found))}
      <hc-trades .context=${this.context}></hc-trades>
      ${account.role === "household" ? nothing : html`<hc-sharing .context=${this.context}></hc-sharing>`}
    </div>`;
  }

  #show({ orders, clearings, homes }: Found): TemplateResult {
    const { t } = this.context.words;
    const isOperator = this.context.account.role === "operator";
    return html`<div class="beside two">
        <section class="card">
          <h2>${t("orders")}</h2>
          ${orders.length ? this.#orders(orders) : empty(t("orders_none"))}
          ${isOperator && orders.some((order) => order.filled_kwh === null) ? this.#clearing(orders) : nothing}
        </section>
        ${homes.length && !isOperator ? this.#form(homes) : nothing}
        <section class="card">
          <h2>${t("clearings")}</h2>
          ${clearings.length ? this.#clearings(clearings) : empty(t("clearings_none"))}
        </section>
      </div>`;
  }

  #orders(orders: Order[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return table(
      t("orders"),
      [
        { name: t("home"), text: true },
        { name: t("side"), text: true },
        { name: t("price") },
        { name: t("energy") },
        { name: t("filled") },
      ],
      orders.map(
        (order) => html`<tr>
          <th scope="row">${order.ven_id}<small>${format.moment(order.interval_start)}</small></th>
          <td class="text">${words.of("side", order.side)}</td>
          <td class="number">${format.number(Number(order.price_per_kwh), 3)}</td>
          <td class="number">${format.number(order.quantity_kwh, 2)}</td>
          <td class="number">${order.filled_kwh === null ? state("idle", t("order_waits")) : format.number(order.filled_kwh, 2)}</td>
        </tr>`,
      ),
    );
  }

  #clearing(orders: Order[]): TemplateResult {
    const { words, format, api } = this.context;
    const open = [...new Set(orders.filter((order) => order.filled_kwh === null).map((order) => order.interval_start))].sort();
    return html`<div class="actions">
      ${open.map(
        (start) => html`<button
          ?disabled=${this.#doing.isBusy}
          @click=${() => this.#do(() => api.post("/market/clearings", { interval_start: start }))}
        >
          ${words.t("clear", { time: format.moment(start) })}
        </button>`,
      )}
    </div>`;
  }

  #clearings(clearings: Clearing[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return table(
      t("clearings"),
      [{ name: t("quarter_hour"), text: true }, { name: t("price") }, { name: t("energy") }],
      clearings.map(
        (each) => html`<tr>
          <th scope="row">${format.moment(each.interval_start)}</th>
          <td class="number">${each.price_per_kwh === null ? t("no_trade") : format.number(Number(each.price_per_kwh), 3)}</td>
          <td class="number">${format.number(each.volume_kwh, 2)}</td>
        </tr>`,
      ),
    );
  }

  #form(homes: Home[]): TemplateResult {
    const { t } = this.context.words;
    const next = new Date(Math.ceil(inMinutes(new Date(), 15).getTime() / QUARTER_MS) * QUARTER_MS);
    return html`<section class="card">
      <h2>${t("order_place")}</h2>
      <form @submit=${this.#place}>
        <div class="fields">
          <label>${t("home")}<select name="home">${homes.map(({ ven_id, name }) => html`<option value=${ven_id}>${name}</option>`)}</select></label>
          <label>${t("side")}<select name="side"><option value="bid">${t("side_bid")}</option><option value="ask">${t("side_ask")}</option></select></label>
          <label>${t("quarter_hour")}<input name="start" type="datetime-local" step="900" required value=${localInput(next).slice(0, 16)} /></label>
          <label>${t("price_kwh")}<input name="price" type="number" step="0.001" min="-1" max="5" required /></label>
          <label>${t("energy_kwh")}<input name="energy" type="number" step="0.01" min="0.01" required /></label>
        </div>
        <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("order_place")}</button></div>
      </form>
    </section>`;
  }

  static override styles = consoleStyle;
}
