import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Doing } from "../asked";
import type { Context } from "../context";
import type { RuleFigures } from "../documents";
import { consoleStyle } from "../style";
import { bar, failure, fieldsOf, table } from "./said";

const COLUMNS = "home,start,import_wh,export_wh";

/** Rules of sharing side by side on the community's own quarter-hours, before it votes on one. */
export class Sharing extends LitElement {
  static override properties = { context: { attribute: false }, found: { state: true } };
  declare context: Context;
  declare found: { currency: string; homes: number; slots: number; rules: RuleFigures[] } | undefined;

  readonly #doing = new Doing(this);

  #compare = async (event: SubmitEvent): Promise<void> => {
    const form = event.target as HTMLFormElement;
    const { buy, feed_in, currency } = fieldsOf(event);
    const [file] = form.querySelector<HTMLInputElement>("input[type=file]")?.files ?? [];
    if (!file) return;
    await this.#doing.run(async () => {
      const body = { quarter_hours: await file.text(), buy_per_kwh: buy, feed_in_per_kwh: feed_in, currency };
      this.found = await this.context.api.post("/market/sharing/compare", body);
    });
  };

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<section class="card stack">
      <h2>${t("sharing")}</h2>
      <p class="hint">${t("sharing_hint")}</p>
      <form @submit=${this.#compare}>
        <div class="fields">
          <label>${t("sharing_file")}<small><code>${COLUMNS}</code></small><input type="file" accept=".csv,text/csv" required /></label>
          <label>${t("sharing_buy")}<input name="buy" type="number" step="0.001" required value="0.30" /></label>
          <label>${t("sharing_feed_in")}<input name="feed_in" type="number" step="0.001" required value="0.10" /></label>
          <label>${t("currency")}<input name="currency" pattern="[A-Z]{3}" required value="EUR" /></label>
        </div>
        ${failure(this.context, this.#doing)}
        <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("sharing_compare")}</button></div>
      </form>
      ${this.found ? this.#rules(this.found) : nothing}
    </section>`;
  }

  #rules({ rules, currency, homes, slots }: NonNullable<Sharing["found"]>): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return html`<p role="status">${t("sharing_found", { homes, slots: format.number(slots) })}</p>
      ${table(
        t("sharing"),
        [
          { name: t("rule"), text: true },
          { name: t("saving") },
          { name: t("found_share"), text: true },
          { name: t("sellers_share"), wide: true },
          { name: t("worse_off") },
          { name: t("likeness"), wide: true },
        ],
        rules.map(
          (each) => html`<tr>
            <th scope="row">${words.of("sharing", each.rule)}</th>
            <td class="number">${format.money(Number(each.saving), currency)}</td>
            <td class="text">${format.percentOf(each.found_share)}${bar(each.found_share)}</td>
            <td class="wide number">${format.percent(each.sellers_share)}</td>
            <td class="number">${format.number(each.worse_off)}</td>
            <td class="wide number">${each.likeness === null ? "–" : format.number(each.likeness, 2)}</td>
          </tr>`,
        ),
      )}`;
  }

  static override styles = consoleStyle;
}
