import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked } from "../asked";
import { type Context, href } from "../context";
import type { Line, Settlement } from "../documents";
import { checked, LINE_TONES } from "../parts/lines";
import { shown, state, table, tiles } from "../parts/said";
import { saved } from "../saved";
import { consoleStyle } from "../style";

/** One settlement with the line of each home, and whether its household has reckoned it again. */
export class SettlementDetail extends LitElement {
  static override properties = { context: { attribute: false }, settlementId: { attribute: false } };
  declare context: Context;
  declare settlementId: string;

  readonly #detail = new Asked<[Settlement, Line[]]>(this, ({ api }) => {
    const path = `/settlements/${encodeURIComponent(this.settlementId)}`;
    return Promise.all([api.get<Settlement>(path), api.get<Line[]>(`${path}/lines`)]);
  });

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <p><a href=${href("settlement")}>${t("settlements_back")}</a></p>
      ${shown(this.context, this.#detail, ([settlement, lines]) => this.#show(settlement, lines))}
    </div>`;
  }

  #show(settlement: Settlement, lines: Line[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    const { counts, currency } = settlement;
    return html`<div class="top">
        <h1>${t("settlement_of", { time: format.moment(settlement.made_at) })}</h1>
        <a class="button" href=${href("events", settlement.dispatch_id)}>${t("to_event")}</a>
        <button @click=${() => saved(`settlement-${settlement.id}.json`, { settlement, lines })}>${t("save_file")}</button>
      </div>
      ${tiles([
        [t("delivered_energy"), format.signedEnergy(settlement.delivered_kwh * 1000)],
        [t("price"), format.price(Number(settlement.price_per_kwh), currency, 3)],
        [t("amount"), format.money(Number(settlement.amount), currency)],
        [t("line_settled"), format.number(counts.settled)],
        [t("line_unknown"), format.number(counts.unknown)],
        [t("line_left"), format.number(counts.left)],
        [t("line_contradicted"), format.number(counts.contradicted)],
      ])}
      <section class="card">
        ${table(
          t("page_settlement"),
          [
            { name: t("home"), text: true },
            { name: t("state"), text: true },
            { name: t("agreed_energy"), wide: true },
            { name: t("delivered_energy") },
            { name: t("amount") },
            { name: t("checked"), text: true, wide: true },
          ],
          lines.map(
            (line) => html`<tr>
              <th scope="row">${line.ven_id}</th>
              <td class="text">${state(LINE_TONES[line.state] ?? "", words.of("line", line.state))}</td>
              <td class="wide number">${format.energy(line.agreed_kwh * 1000)}</td>
              <td class="number">${line.delivered_kwh === null ? "–" : format.signedEnergy(line.delivered_kwh * 1000)}${this.#told(line)}</td>
              <td class="number">${format.money(Number(line.amount), line.currency)}</td>
              <td class="text wide">${checked(this.context, line)}</td>
            </tr>`,
          ),
        )}
      </section>
      <p class="hint">${t("settlement_digest")} <code>${settlement.digest}</code></p>`;
  }

  /** What a home reported where its meter says otherwise. */
  #told(line: Line): TemplateResult | typeof nothing {
    const { words, format } = this.context;
    if (line.state !== "contradicted" || line.told_kwh === null) return nothing;
    return html`<small>${words.t("told_energy", { energy: format.signedEnergy(line.told_kwh * 1000) })}</small>`;
  }

  static override styles = consoleStyle;
}
