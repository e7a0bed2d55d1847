import { css, html, LitElement, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Receipt } from "../data/documents";
import { shared } from "../style";

/** What came of an event: it is asked for, and reckoned again by the home, when somebody opens it. */
export class ReceiptDetails extends LitElement {
  static override properties = {
    context: { attribute: false },
    eventId: { attribute: false },
    receipt: { state: true },
    refused: { state: true },
  };
  declare context: Context;
  declare eventId: string;
  /** Null where there is none, undefined while it is asked for. */
  declare receipt: Receipt | null | undefined;
  declare refused: string | undefined;

  protected override render(): TemplateResult {
    const { words } = this.context;
    return html`<details @toggle=${this.#toggled}>
      <summary>${words.t("receipt")}</summary>
      ${this.refused
        ? html`<p role="alert">${this.refused}</p>`
        : this.receipt
          ? this.#told(this.receipt)
          : html`<p class="quiet">${words.t(this.receipt === null ? "receipt_none" : "ledger_asked")}</p>`}
    </details>`;
  }

  #toggled = async (event: Event): Promise<void> => {
    if (!(event.target as HTMLDetailsElement).open) return;
    try {
      this.receipt = await this.context.connection.sendMessagePromise<Receipt | null>({
        type: "home_flex/receipt",
        event_id: this.eventId,
      });
      this.refused = undefined;
    } catch (error) {
      this.refused = this.context.words.refusal(error);
    }
  };

  #told(receipt: Receipt): TemplateResult {
    const { words } = this.context;
    return html`<p>${sentence(this.context, receipt)}</p>
      <dl>
        ${figures(this.context, receipt).map(
          ([key, value]) => html`<div>
            <dt class="quiet">${words.t(key)}</dt>
            <dd class="number">${value}</dd>
          </div>`,
        )}
      </dl>
      <p class="mark">
        <ha-icon icon=${receipt.holds ? "mdi:check-decagram-outline" : "mdi:alert-outline"}></ha-icon>
        <span>${words.t(receipt.holds ? "receipt_holds" : "receipt_holds_not")}</span>
      </p>
      <p class="quiet digest">${words.t("receipt_digest", { digest: receipt.digest })}</p>`;
  }

  static override styles = [
    shared,
    css`
      details {
        margin-block-start: 6px;
      }
      dl {
        margin-block: 8px;
      }
      dl div {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 4px 12px;
        padding-block: 4px;
        border-block-end: 1px solid var(--divider-color);
      }
      .mark {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .digest {
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
        margin-block-start: 6px;
      }
    `,
  ];
}

/** What was used, what would have been, and what that is worth, in one or two sentences. */
export function sentence({ words, format }: Context, receipt: Receipt): string {
  const { used_wh, baseline_wh, delivered_wh, paid, currency } = receipt;
  if (used_wh === null) return words.t("receipt_not_measured");
  const used = format.energy(used_wh);
  if (baseline_wh === null || delivered_wh === null) return words.t("receipt_said_used", { used });
  const said = words.t(receipt.asks === "more" ? "receipt_said_more" : "receipt_said_less", {
    used,
    without: format.signedEnergy(baseline_wh),
    delivered: format.signedEnergy(delivered_wh),
  });
  if (paid === null || currency === null) return said;
  return `${said} ${words.t("receipt_said_paid", { amount: format.money(paid, currency) })}`;
}

function figures({ words, format }: Context, receipt: Receipt): [string, string][] {
  const { delivered_wh, half_width_wh, kept_share, paid, currency } = receipt;
  const unknown = words.t("unknown");
  const delivered = delivered_wh === null ? unknown : format.signedEnergy(delivered_wh);
  return [
    ["receipt_used", receipt.used_wh === null ? unknown : format.energy(receipt.used_wh)],
    [
      receipt.asks === "more" ? "receipt_more" : "receipt_less",
      half_width_wh && delivered_wh !== null ? `${delivered} \u00b1 ${format.energy(half_width_wh)}` : delivered,
    ],
    ["receipt_rule", words.t(`rule_${receipt.rule}`)],
    ["receipt_known", format.percent(Number(receipt.known))],
    ...(kept_share === null ? [] : ([["receipt_kept", format.percent(Number(kept_share))]] as [string, string][])),
    [
      "receipt_paid",
      paid === null || currency === null ? words.t("receipt_unpaid") : format.money(paid, currency),
    ],
  ];
}
