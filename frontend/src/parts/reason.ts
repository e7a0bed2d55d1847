import { css, html, nothing, type TemplateResult } from "lit";
import { nowMs } from "../data/clock";
import type { Context } from "../context";
import type { Plan } from "../data/documents";
import { otherwise } from "../data/plan";
import { blockDoes, blockTime, type Chosen } from "./blocks";

const MONEY = ["price", "worth", "feed_in", "later_price", "spread", "wear", "saves"];

/** A number of a reason in its unit, which its name says. */
export function numberOf({ format, now }: Context, name: string, value: number): string {
  if (name.endsWith("_wh")) return format.energy(value);
  if (name.endsWith("_w")) return format.power(value);
  if (name.endsWith("_h")) return format.minutes(value * 3600);
  return MONEY.includes(name) ? format.price(value, now.currency, 3) : format.number(value, 2);
}

/** Why a block is as it is, with its numbers, and what it would cost to do otherwise. */
export function reasonCard(context: Context, plan: Plan, { device, block }: Chosen): TemplateResult {
  const { words, format, now } = context;
  const other = otherwise(plan, device, block, nowMs() / 1000);
  const sign = other && other.costs >= 0 ? "more" : "less";
  return html`<section class="card reason" aria-live="polite">
    <h3>${device.name}: ${blockDoes(context, block)}</h3>
    <p>${blockTime(context, block)}</p>
    ${block.reason ? html`<p><strong>${words.planReason(block.reason)}.</strong></p>` : nothing}
    <dl>
      ${Object.entries(block.numbers)
        .filter(([, value]) => Number.isFinite(value))
        .map(
          ([name, value]) => html`<div>
            <dt class="quiet">${words.t(`number_${name}`)}</dt>
            <dd class="number">${numberOf(context, name, value)}</dd>
          </div>`,
        )}
    </dl>
    ${other && !format.isNoMoney(other.costs, now.currency)
      ? html`<p>
          ${words.t(`otherwise_${other.kind}_${sign}`, {
            amount: format.money(Math.abs(other.costs), now.currency),
            time: format.moment(new Date(other.at * 1000)),
          })}
        </p>`
      : nothing}
  </section>`;
}

export const reasonStyle = css`
  .reason p {
    margin-block-start: 6px;
  }
  .reason dl {
    margin-block: 10px;
  }
  .reason dl div {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    padding-block: 4px;
    border-block-end: 1px solid var(--divider-color);
  }
`;
