import { css, html, nothing, type TemplateResult } from "lit";
import { EDGE, GUTTER, type Line } from "../chart/lane";
import { isKnown, type PlanLines } from "../chart/plan_lines";
import { digitsOf, type Range } from "../chart/range";
import type { TimeAxis } from "../chart/time_axis";
import type { Context } from "../context";
import type { Plan, PlanDocument } from "../data/documents";
import { blockLanes, type Chosen, eventLane } from "./blocks";
import { PRICE_DIGITS } from "../data/format";
import { planReading, planSentence } from "./plan_words";

export interface Charted {
  plan: Plan;
  lines: PlanLines;
  events: PlanDocument["events"];
  chosen: Chosen | undefined;
  choose: (chosen: Chosen) => void;
}

/** Prices, carbon, powers, charge, and each device's blocks in lanes on one time axis, with one cursor. */
export function planChart(context: Context, axis: TimeAxis, range: Range, charted: Charted): TemplateResult {
  const { words, format, now } = context;
  const { plan, lines, events, chosen, choose } = charted;
  const { price, carbon, power, charge } = lines;
  const hour = (at: number): string => format.time(new Date(at * 1000));
  const lane = (
    title: string,
    drawn: Line[],
    height: number,
    value: (value: number, step: number) => string,
    last = false,
  ): TemplateResult => {
    // An axis without anything on it would say that it is nothing.
    if (!isKnown(drawn)) return html`<p class="title quiet"><span>${title}: ${words.t("unknown")}</span></p>`;
    return html`<p class="title quiet"><span>${title}</span></p>
      <hf-lane
        .times=${axis.bounds}
        .lines=${drawn}
        .range=${range}
        .height=${height}
        .value=${value}
        .hour=${last ? hour : undefined}
      ></hf-lane>`;
  };
  const kw = (watts: number, step: number): string => format.number(watts / 1000, digitsOf(step / 1000));
  return html`<figure
    class="lanes"
    @pointerdown=${axis.touch}
    @pointermove=${axis.drag}
    @pointerup=${axis.release}
    @pointercancel=${axis.release}
    @pointerleave=${axis.release}
    @wheel=${axis.wheel}
  >
    ${lane(words.t("lane_price", { unit: format.priceUnit(now.currency) }), price, 84, (value, step) =>
      format.number(value, Math.max(PRICE_DIGITS, digitsOf(step))),
    )}
    ${carbon.length ? lane(words.t("lane_carbon"), carbon, 60, (value, step) => format.number(value, digitsOf(step))) : nothing}
    ${lane(words.t("lane_power"), power, 140, kw, !charge.length)}
    <ul class="keys">
      ${keys(context, plan)}
    </ul>
    ${charge.length ? lane(words.t("lane_charge"), charge, 92, (value, step) => format.percent(value, digitsOf(step * 100)), true) : nothing}
    ${blockLanes(context, plan.devices, range, chosen, choose)} ${eventLane(context, events, range)}
    <div
      class="cursor"
      role="slider"
      tabindex="0"
      aria-label=${words.t("cursor")}
      aria-valuemin=${axis.all.from}
      aria-valuemax=${axis.all.to}
      aria-valuenow=${Math.round(axis.read)}
      aria-valuetext=${planReading(context, plan, axis.bounds, axis.read)}
      .style=${`left:calc(${GUTTER}px + ${axis.place} * (100% - ${GUTTER + EDGE}px))`}
      @keydown=${axis.key}
    ></div>
    <figcaption class="visually-hidden">${planSentence(context, plan, axis.bounds)}</figcaption>
  </figure>`;
}

function keys({ words }: Context, plan: Plan): TemplateResult[] {
  const isThere = (values: (number | null)[] | null): boolean => !!values?.some((value) => value);
  const shown: [string, string, boolean][] = [
    ["grid", "key_grid", true],
    ["home", "key_load", isThere(plan.load_w)],
    ["sun", "key_sun", isThere(plan.pv_available_w)],
    ["limit", "key_limit", isThere(plan.import_limit_w)],
  ];
  return shown
    .filter(([, , isShown]) => isShown)
    .map(([name, key]) => html`<li class=${name}><i></i>${words.t(key)}</li>`);
}

export const planChartStyle = css`
  .lanes {
    position: relative;
    margin-block-start: 12px;
    touch-action: pan-y;
    user-select: none;
  }
  .title {
    font-size: 0.8125rem;
    margin-block-start: 8px;
  }
  /* The cursor passes behind what is written. */
  .title span {
    position: relative;
    z-index: 1;
    background: var(--card-background-color);
    padding-inline-end: 4px;
  }
  .cursor {
    position: absolute;
    inset-block: 0;
    width: 2px;
    margin-inline-start: -1px;
    background: color-mix(in srgb, var(--error-color, #db4437) 75%, transparent);
    pointer-events: none;
  }
  .keys {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 14px;
    padding-inline-start: 52px;
    font-size: 0.8125rem;
  }
  .keys li {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  .keys i {
    width: 18px;
    border-block-start: 3px solid var(--of);
  }
  .keys .home {
    --of: var(--primary-text-color);
  }
  .keys .limit i {
    border-block-start: 3px dashed var(--error-color, #db4437);
  }
`;
