import { css, html, LitElement, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { drawnByWidth, Width } from "../../chart/width";
import { niceStep } from "../../parts/bars";
import type { Context } from "../context";
import type { CurvePoint } from "../documents";
import { consoleStyle } from "../style";

const HEIGHT = 260;
const GUTTER = 52;
const FOOT = 40;
const EDGE = 12;
const TOP = 12;

/** A way over a curve: across to each power, then up to its price. */
export function steps(points: readonly (readonly [kw: number, price: number])[], x: (kw: number) => number, y: (price: number) => number): string {
  let path = "";
  let at = 0;
  for (const [kw, price] of points) {
    path += `${path ? "L" : "M"}${x(at)} ${y(price)}L${x(kw)} ${y(price)}`;
    at = kw;
  }
  return path;
}

/** What homes offer in all, cheapest first: power across, the price of a kWh up. */
export class Curve extends LitElement {
  static override properties = {
    context: { attribute: false },
    points: { attribute: false },
    need: { attribute: false },
  };
  declare context: Context;
  declare points: CurvePoint[];
  /** A power that is marked, kW. */
  declare need: number | undefined;

  readonly #width = new Width(this);

  constructor() {
    super();
    this.points = [];
  }

  protected override render(): TemplateResult | typeof nothing {
    const { points } = this;
    const width = this.#width.px;
    if (!width || !points.length) return nothing;
    const { words } = this.context;
    const prices = points.map(({ price_per_kwh }) => Number(price_per_kwh ?? 0));
    const most = Math.max(...points.map(({ power_kw }) => power_kw), this.need ?? 0, 0.1);
    const step = niceStep(most);
    const priceStep = niceStep(Math.max(...prices, 0.02) - Math.min(...prices, 0));
    const [low, high] = [
      Math.floor(Math.min(...prices, 0) / priceStep) * priceStep,
      Math.ceil((Math.max(...prices, 0.02) * 1.05) / priceStep) * priceStep,
    ];
    const x = (kw: number): number => GUTTER + (kw / most) * (width - GUTTER - EDGE);
    const y = (price: number): number => TOP + ((high - price) / (high - low)) * (HEIGHT - TOP - FOOT);
    const offered = points.map((each, index) => [each.power_kw, prices[index] ?? 0] as const);
    const expected = points.map((each, index) => [each.expected_kw, prices[index] ?? 0] as const);
    const last = offered.at(-1)?.[0] ?? 0;
    return html`<svg width=${width} height=${HEIGHT} aria-hidden="true">
        ${this.#lines(low, high, priceStep, most, step, x, y)}
        <path class="area" d="${steps(offered, x, y)}L${x(last)} ${y(low)}L${x(0)} ${y(low)}Z" />
        <path class="offered" d=${steps(offered, x, y)} />
        <path class="expected" d=${steps(expected, x, y)} />
        ${this.need === undefined
          ? nothing
          : svg`<line class="need" x1=${x(this.need)} x2=${x(this.need)} y1=${TOP} y2=${HEIGHT - FOOT} />`}
      </svg>
      <ul class="keys">
        <li class="offered">${key()}${words.t("curve_offered")}</li>
        <li class="expected">${key()}${words.t("curve_expected")}</li>
      </ul>`;
  }

  #lines(
    low: number,
    high: number,
    priceStep: number,
    most: number,
    step: number,
    x: (kw: number) => number,
    y: (price: number) => number,
  ): SVGTemplateResult[] {
    const { format, words } = this.context;
    const lines = [];
    for (let price = low; price <= high + 1e-9; price += priceStep) {
      lines.push(svg`<line class="line" x1=${GUTTER} x2=${this.#width.px - EDGE} y1=${y(price)} y2=${y(price)} />
        <text x=${GUTTER - 8} y=${y(price) + 4} text-anchor="end">${format.number(price, 2)}</text>`);
    }
    for (let kw = 0; kw <= most + 1e-9; kw += step) {
      lines.push(svg`<text x=${x(kw)} y=${HEIGHT - FOOT + 18} text-anchor="middle">${format.number(kw, step < 1 ? 1 : 0)}</text>`);
    }
    lines.push(svg`<text x=${this.#width.px - EDGE} y=${HEIGHT - 4} text-anchor="end">${words.t("curve_axis")}</text>`);
    return lines;
  }

  static override styles = [
    consoleStyle,
    drawnByWidth,
    css`
      svg {
        display: block;
      }
      text {
        font-size: 0.75rem;
        fill: var(--secondary-text-color);
        font-variant-numeric: tabular-nums;
      }
      .line {
        stroke: var(--divider-color);
      }
      .area {
        fill: color-mix(in srgb, var(--primary-color) 12%, transparent);
      }
      path.offered,
      .keys .offered line {
        fill: none;
        stroke: var(--primary-color);
        stroke-width: 2.5;
      }
      path.expected,
      .keys .expected line {
        fill: none;
        stroke: var(--warning-color);
        stroke-width: 2;
        stroke-dasharray: 5 4;
      }
      .need {
        stroke: var(--primary-text-color);
        stroke-width: 1.5;
        stroke-dasharray: 2 3;
      }
      .keys {
        margin-block-start: 8px;
      }
    `,
  ];
}

function key(): TemplateResult {
  return html`<svg width="22" height="8" aria-hidden="true"><line x1="0" x2="22" y1="4" y2="4" /></svg>`;
}
