import { css, html, nothing, type TemplateResult } from "lit";
import { nowMs } from "../data/clock";
import type { Context } from "../context";
import type { Alternative, Block, Plan } from "../data/documents";
import { otherwise, solvedInstead } from "../data/plan";
import { bentSentence } from "./bent";
import { blockDoes, blockTime, type Chosen } from "./blocks";

const MONEY = ["price", "worth", "feed_in", "later_price", "spread", "wear", "saves"];

/** A number of a reason in its unit, which its name says. */
export function numberOf({ format, now }: Context, name: string, value: number): string {
  if (name.endsWith("_wh")) return format.energy(value);
  if (name.endsWith("_w")) return format.power(value);
  if (name.endsWith("_h")) return format.minutes(value * 3600);
  return MONEY.includes(name) ? format.price(value, now.currency, 3) : format.number(value, 2);
}

/** Why a block is as it is: each reason with since when, where it goes on for others than its first. */
export function whyOf({ words, format }: Context, { reason, later }: Block): string[] {
  if (!reason) return [];
  return [
    words.planReason(reason),
    ...later.map((each) => `${format.moment(new Date(each.start))}: ${words.planReason(each.reason)}`),
  ];
}

/** What a device could do now instead, and what that costs, by a plan that was solved for it. */
export function insteadSentence({ words, format, now }: Context, { instead, costs }: Alternative): string {
  const sign = format.isNoMoney(costs, now.currency) ? "same" : costs > 0 ? "more" : "less";
  return words.t(`instead_${instead}_${sign}`, { amount: format.money(Math.abs(costs), now.currency) });
}

/** Why a block is as it is, with its numbers, and what it would cost to do otherwise. */
export function reasonCard(context: Context, plan: Plan, { device, block }: Chosen): TemplateResult {
  const { words, format, now } = context;
  const solved = solvedInstead(device, block, nowMs() / 1000);
  const other = solved ? null : otherwise(plan, device, block, nowMs() / 1000);
  const sign = other && other.costs >= 0 ? "more" : "less";
  return html`<section class="card reason" aria-live="polite">
    <h3>${device.name}: ${blockDoes(context, block)}</h3>
    <p>${blockTime(context, block)}</p>
    ${whyOf(context, block).map((why) => html`<p><strong>${why}.</strong></p>`)}
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
    ${solved
      ? html`<p>${insteadSentence(context, solved)}</p>
          ${solved.bent.length
            ? html`<ul class="quiet">
                ${solved.bent.map((bend) => html`<li>${bentSentence(context, bend)}</li>`)}
              </ul>`
            : nothing}`
      : nothing}
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
