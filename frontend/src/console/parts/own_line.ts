import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { Doing } from "../asked";
import type { Context } from "../context";
import type { Line } from "../documents";
import { saved } from "../saved";
import { consoleStyle } from "../style";
import { checked, LINE_TONES } from "./lines";
import { failure, state } from "./said";

/** A household's own line of a settlement, which it lets the hub reckon again from its home's receipt. */
export class OwnLine extends LitElement {
  static override properties = { context: { attribute: false }, line: { attribute: false } };
  declare context: Context;
  declare line: Line;

  readonly #doing = new Doing(this);

  #verify = async (event: Event): Promise<void> => {
    const field = event.target as HTMLInputElement;
    const [file] = field.files ?? [];
    if (!file) return;
    const { settlement_id, ven_id } = this.line;
    await this.#doing.run(async () => {
      const bundle: unknown = JSON.parse(await file.text());
      this.line = await this.context.api.post<Line>(`/settlements/${settlement_id}/lines/${encodeURIComponent(ven_id)}/receipt`, bundle);
      this.dispatchEvent(new CustomEvent("checked"));
    });
    field.value = "";
  };

  protected override render(): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    const { line } = this;
    return html`<article>
      <div class="row">
        <span class="sum grow">${format.money(Number(line.amount), line.currency)}</span>
        ${state(LINE_TONES[line.state] ?? "", words.of("line", line.state))} ${checked(this.context, line)}
      </div>
      <dl>
        <div><dt>${t("agreed_energy")}</dt><dd>${format.energy(line.agreed_kwh * 1000)}</dd></div>
        <div><dt>${t("delivered_energy")}</dt><dd>${line.delivered_kwh === null ? "–" : format.signedEnergy(line.delivered_kwh * 1000)}</dd></div>
        <div><dt>${t("price")}</dt><dd>${format.price(Number(line.price_per_kwh), line.currency, 3)}</dd></div>
        ${line.baseline_rule ? html`<div><dt>${t("baseline")}</dt><dd>${words.of("baseline", line.baseline_rule)}</dd></div>` : nothing}
        ${line.receipt_digest ? html`<div><dt>${t("receipt")}</dt><dd><code>${line.receipt_digest.slice(0, 16)}…</code></dd></div>` : nothing}
      </dl>
      ${failure(this.context, this.#doing)}
      <label>${t("verify")}<small>${t("verify_hint")}</small><input type="file" accept="application/json,.json" @change=${this.#verify} /></label>
      <div class="actions"><button @click=${() => saved(`line-${line.settlement_id}.json`, line.statement)}>${t("save_file")}</button></div>
    </article>`;
  }

  static override styles = [
    consoleStyle,
    css`
      :host + :host {
        border-block-start: 1px solid var(--divider-color);
      }
      article {
        padding-block: 8px;
      }
      dl {
        margin-block-end: 12px;
      }
    `,
  ];
}
