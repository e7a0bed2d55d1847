import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Traded } from "../documents";
import { saved } from "../saved";
import { consoleStyle } from "../style";
import { empty, failure, fieldsOf, shown, table } from "./said";

/** What homes traded by month; a household keeps its statement as a file, which `flexctl verify` reckons again. */
export class Trades extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #found = new Asked<Traded[]>(this, ({ api }) => api.get<Traded[]>("/market/statements"));
  readonly #doing = new Doing(this);

  #issue = (event: SubmitEvent): void => {
    const { month, currency } = fieldsOf(event);
    void this.#doing.run(async () => {
      await this.context.api.post("/market/statements", { month, currency });
      await this.#found.refresh();
    });
  };

  #save({ month, ven_id }: Traded): void {
    void this.#doing.run(async () => {
      const statement = await this.context.api.get(`/market/statements/${month}/${encodeURIComponent(ven_id)}`);
      saved(`trades-${ven_id}-${month}.json`, statement);
    });
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<section class="card stack">
      <h2>${t("trades")}</h2>
      <p class="hint">${t("trades_hint")}</p>
      ${failure(this.context, this.#doing)}
      ${shown(this.context, this.#found, (rows) => (rows.length ? this.#rows(rows) : empty(t("trades_none"))))}
      ${this.context.account.role === "operator" ? this.#form() : nothing}
    </section>`;
  }

  #rows(rows: Traded[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return table(
      t("trades"),
      [{ name: t("home"), text: true }, { name: t("amount") }, { name: t("statement"), text: true }],
      rows.map(
        (row) => html`<tr>
          <th scope="row">${row.ven_id}<small>${row.month}</small></th>
          <td class="number">${format.money(Number(row.amount), row.currency)}</td>
          <td class="text"><button ?disabled=${this.#doing.isBusy} @click=${() => this.#save(row)}>${t("save_file")}</button></td>
        </tr>`,
      ),
    );
  }

  #form(): TemplateResult {
    const { t } = this.context.words;
    return html`<form @submit=${this.#issue}>
      <div class="fields">
        <label>${t("month")}<input name="month" pattern="20[0-9]{2}-(0[1-9]|1[0-2])" placeholder="2026-11" required /></label>
        <label>${t("currency")}<input name="currency" pattern="[A-Z]{3}" required value="EUR" /></label>
      </div>
      <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("trades_issue")}</button></div>
    </form>`;
  }

  static override styles = consoleStyle;
}
