import { css, html, LitElement, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { digitsOf } from "../chart/range";
import { drawnByWidth, Width } from "../chart/width";
import type { Context } from "../context";
import { leaves } from "../data/pointer";
import type { Bar, Source } from "../data/money";
import { shared } from "../style";

const HEIGHT = 190;
const FOOT = 22;
const GUTTER = 46;
const GAP = 0.24;
/** Less than this is drawn as small as it is. */
const LEAST_WH = 100;
/** Labels are so large, in rem; each letter is so wide, and two of them are so many letters apart. */
const LABEL_REM = 0.75;
const LETTER = 0.55;
const APART = 1.5;

/** Bars of energy by hour, day or month: above what came in, below what went out; one is read at a time. */
export class Bars extends LitElement {
  static override properties = {
    context: { attribute: false },
    bars: { attribute: false },
    slots: { type: Number },
    label: { attribute: false },
    reading: { attribute: false },
    chosen: { state: true },
  };
  declare context: Context;
  declare bars: Bar[];
  /** How many bars the whole period has, also those yet to come. */
  declare slots: number;
  declare label: (start: string) => string;
  declare reading: (index: number) => string;
  declare chosen: number | undefined;

  readonly #width = new Width(this);

  constructor() {
    super();
    this.bars = [];
  }

  protected override render(): TemplateResult | typeof nothing {
    const { bars } = this;
    const width = this.#width.px;
    if (!width || !bars.length) return nothing;
    const { step, most, least } = axisOf(bars);
    const scale = (HEIGHT - FOOT - 10) / (most + least);
    const y = (wh: number): number => 6 + (most - wh) * scale;
    const every = Math.ceil(this.#labelPx / this.#place(0)[1]);
    const lines = [];
    for (let wh = -least; wh <= most + 1; wh += step) lines.push(wh);
    return html`<div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label=${this.context.words.t("bar_read")}
        aria-valuemin="0"
        aria-valuemax=${bars.length - 1}
        aria-valuenow=${this.chosen ?? bars.length - 1}
        aria-valuetext=${this.reading(this.chosen ?? bars.length - 1)}
        @keydown=${this.#key}
        @pointermove=${this.#point}
        @pointerdown=${this.#point}
        @pointerleave=${(event: PointerEvent) => leaves(event) && (this.chosen = undefined)}
      >
        <svg width=${width} height=${HEIGHT} aria-hidden="true">
          ${lines.map(
            (wh) => svg`<line class=${wh === 0 ? "zero" : "line"} x1=${GUTTER} x2=${width} y1=${y(wh)} y2=${y(wh)} />
              <text x=${GUTTER - 6} y=${y(wh) + 4} text-anchor="end">${this.#axis(wh, step)}</text>`,
          )}
          ${bars.map((bar, index) => this.#bar(bar, index, y, every))}
        </svg>
      </div>
      <p class="reading" aria-hidden="true">${this.reading(this.chosen ?? bars.length - 1)}</p>`;
  }

  /** How much room the longest label needs, as large as text is for who looks. */
  get #labelPx(): number {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const letters = Math.max(...this.bars.map(({ start }) => this.label(start).length));
    return (letters + APART) * LETTER * LABEL_REM * rem;
  }

  /** Where the bar of an index begins, and how wide its place is. */
  #place(index: number): [number, number] {
    const each = (this.#width.px - GUTTER) / Math.max(this.slots, this.bars.length);
    return [GUTTER + index * each, each];
  }

  #axis(wh: number, step: number): string {
    return this.context.format.number(Math.abs(wh) / 1000, digitsOf(step / 1000));
  }

  #bar(bar: Bar, index: number, y: (wh: number) => number, every: number): SVGTemplateResult {
    const [left, each] = this.#place(index);
    const x = left + (each * GAP) / 2;
    const width = each * (1 - GAP);
    let [above, below] = [0, 0];
    const rect = (key: Source, from: number, to: number): SVGTemplateResult =>
      svg`<rect class=${key} x=${x} width=${width} y=${y(to)} height=${Math.max(0, y(from) - y(to))} />`;
    return svg`<g class=${index === this.chosen ? "chosen" : ""}>
      ${index === this.chosen ? svg`<rect class="behind" x=${left} width=${each} y="0" height=${HEIGHT - FOOT} />` : nothing}
      ${bar.up.map(({ key, wh }) => rect(key, above, (above += wh)))}
      ${bar.down.map(({ key, wh }) => rect(key, (below -= wh), below + wh))}
      ${index % every === 0
        ? svg`<text x=${left + each / 2} y=${HEIGHT - 5} text-anchor="middle">${this.label(bar.start)}</text>`
        : nothing}
    </g>`;
  }

  #point = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const index = Math.floor((event.clientX - box.left - GUTTER) / this.#place(0)[1]);
    this.chosen = index >= 0 && index < this.bars.length ? index : undefined;
  };

  #key = (event: KeyboardEvent): void => {
    const last = this.bars.length - 1;
    const at = this.chosen ?? last;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    this.chosen = Math.min(Math.max(to, 0), last);
    event.preventDefault();
  };

  static override styles = [
    shared,
    drawnByWidth,
    css`
      .plot {
        touch-action: pan-y;
      }
      svg {
        display: block;
      }
      text {
        font-size: 0.75rem;
        fill: var(--secondary-text-color);
      }
      .line {
        stroke: var(--divider-color);
      }
      .zero {
        stroke: var(--secondary-text-color);
      }
      .behind {
        fill: var(--quiet);
      }
      .reading {
        min-height: 2.8em;
        line-height: 1.4;
        margin-block-start: 6px;
        direction: initial;
        text-align: center;
        color: var(--secondary-text-color);
        font-size: 0.9375rem;
      }
      rect:not(.behind) {
        fill: color-mix(in srgb, var(--of) 78%, var(--card-background-color));
        stroke: color-mix(in srgb, var(--of) 62%, var(--primary-text-color));
        stroke-width: 0.75;
      }
    `,
  ];
}

/** What the axis spans above and below nothing, in Wh, and how far apart its lines are; at least one step. */
export function axisOf(bars: Bar[]): { step: number; most: number; least: number } {
  const sum = (each: { wh: number }[]): number => each.reduce((total, { wh }) => total + wh, 0);
  const [up, down] = [Math.max(...bars.map((bar) => sum(bar.up))), Math.max(...bars.map((bar) => sum(bar.down)))];
  const step = niceStep(Math.max(up, down, LEAST_WH));
  return { step, most: ceilTo(Math.max(up, down > 0 ? 0 : step), step), least: ceilTo(down, step) };
}

/** The distance of lines, 1, 2 or 5 times a power of ten, so that there are about four. */
export function niceStep(most: number): number {
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
}

function ceilTo(value: number, step: number): number {
  // Nothing has no sign.
  return Math.ceil(value / step - 1e-9) * step + 0;
}
