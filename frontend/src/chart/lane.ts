import { html, LitElement, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import uPlot from "uplot";
import uPlotStyle from "uplot/dist/uPlot.min.css?inline";
import { shared } from "../style";
import { type Range, spanOf } from "./range";
import { drawnByWidth, Width } from "./width";

/** What is drawn in a lane: a line of steps, with what is below it filled, or a band. */
export interface Line {
  /** A colour of the theme, by the name of its variable. */
  color: string;
  values: (number | null)[];
  fill?: boolean;
  dashed?: boolean;
  /** The low and the high of what may come instead. */
  band?: [(number | null)[], (number | null)[]] | undefined;
}

/** Room for the numbers at the side, the same in all lanes, so that they stand under each other. */
export const GUTTER = 52;
export const EDGE = 8;
/** How large what is written at the axes is, in px, and at most: beyond that its room is too small for it. */
const USUAL_TEXT = 12;
const LARGEST_TEXT = 16;
/** What a time under the axis takes to each side of where it is, and how far apart two are at least. */
const HALF_LABEL = 26;
const LABEL_SPACE = 56;

/** One chart over time. It is drawn when it has a width; who looks is told what it shows by its page. */
export class Lane extends LitElement {
  static override properties = {
    times: { attribute: false },
    lines: { attribute: false },
    range: { attribute: false },
    value: { attribute: false },
    hour: { attribute: false },
    height: { type: Number },
  };
  /** The bounds of the steps: one more than each line has values. */
  declare times: number[];
  declare lines: Line[];
  declare range: Range;
  /** Tells a value at the side, where the next one is a step away. */
  declare value: (value: number, step: number) => string;
  /** Tells a time at the lowest lane; without it there is no axis below. */
  declare hour: ((at: number) => string) | undefined;
  declare height: number;

  #plot: uPlot | undefined;
  #drawnAs = "";
  readonly #width = new Width(this);

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  protected override render(): TemplateResult {
    return html`<div class="plot" aria-hidden="true"></div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    // Not as an attribute: where a page's policy lets in no styles within markup, that would not hold.
    const plot = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (plot && changed.has("height")) plot.style.height = `${this.height}px`;
    this.#draw(changed.has("lines") || changed.has("times") || changed.has("height"));
    if (changed.has("range")) this.#plot?.setScale("x", { min: this.range.from, max: this.range.to });
  }

  /** Draws anew when data, size or colours are others. */
  #draw(isNew: boolean): void {
    const width = this.#width.px;
    if (!width || !this.times.length) return;
    const style = getComputedStyle(this);
    const drawnAs = coloursOf(style, this.lines);
    if (this.#plot && drawnAs === this.#drawnAs) {
      if (isNew) this.#plot.setData(this.#data(), false);
      if (this.#plot.width !== width || this.#plot.height !== this.height) {
        this.#plot.setSize({ width, height: this.height });
      } else if (isNew) this.#plot.redraw();
      return;
    }
    this.#drawnAs = drawnAs;
    this.#plot?.destroy();
    const into = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (into) this.#plot = new uPlot(this.#options(width, style), this.#data(), into);
  }

  #data(): uPlot.AlignedData {
    // The last value lasts until the last bound.
    const stepped = (values: (number | null)[]): (number | null)[] => [...values, values.at(-1) ?? null];
    return [
      this.times,
      ...this.lines.flatMap((line) => [
        stepped(line.values),
        ...(line.band ? [stepped(line.band[0]), stepped(line.band[1])] : []),
      ]),
    ] as uPlot.AlignedData;
  }

  /** Whether a label under the axis, so many times as large as usual, is cut off by no edge. */
  #fits(plot: uPlot, at: number, scale: number): boolean {
    const x = plot.valToPos(at, "x");
    const half = HALF_LABEL * scale;
    return x >= half / 2 && x <= plot.width - GUTTER - half;
  }

  #options(width: number, style: CSSStyleDeclaration): uPlot.Options {
    const of = (name: string): string => style.getPropertyValue(name).trim() || style.color;
    const quiet = of("--secondary-text-color");
    const text = Math.min(Math.round(parseFloat(style.fontSize) * 0.75), LARGEST_TEXT);
    const scale = text / USUAL_TEXT;
    const font = `${text}px ${style.fontFamily}`;
    const paths = uPlot.paths.stepped?.({ align: 1 });
    const series: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    for (const line of this.lines) {
      const stroke = of(line.color);
      series.push({
        stroke,
        width: line.fill ? 1 : 2,
        ...(line.fill ? { fill: `color-mix(in srgb, ${stroke} 45%, transparent)` } : {}),
        ...(line.dashed ? { dash: [6, 4] } : {}),
        ...(paths ? { paths } : {}),
        points: { show: false },
      });
      if (line.band) {
        bands.push({
          series: [series.length + 1, series.length],
          fill: `color-mix(in srgb, ${stroke} 20%, transparent)`,
        });
        for (let edge = 0; edge < 2; edge++) {
          series.push({ stroke: "transparent", width: 0, ...(paths ? { paths } : {}), points: { show: false } });
        }
      }
    }
    const grid = { stroke: of("--divider-color"), width: 1 };
    return {
      width,
      height: this.height,
      series,
      bands,
      // Below the lowest number its comma has to have room too.
      padding: [8, EDGE, this.hour ? 0 : text / 2 + 2, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: true, min: this.range.from, max: this.range.to },
        y: { range: (_plot, low, high) => spanOf(low, high) },
      },
      axes: [
        {
          grid,
          stroke: quiet,
          font,
          ticks: { show: false },
          size: this.hour ? 24 : 0,
          values: (plot, at) => at.map((each) => (this.#fits(plot, each, scale) ? (this.hour?.(each) ?? "") : "")),
          space: LABEL_SPACE * scale,
        },
        {
          grid,
          stroke: quiet,
          font,
          size: GUTTER,
          ticks: { show: false },
          // Low lanes too have more than one line.
          space: Math.min(28, this.height / 4),
          values: (_plot, values, _axis, _space, step) => values.map((each) => this.value(each, step)),
        },
      ],
    };
  }

  static override styles = [
    shared,
    unsafeCSS(uPlotStyle),
    drawnByWidth,
  ];
}

/** By which colours lines are drawn: where the theme has others they are drawn anew. */
export function coloursOf(style: Pick<CSSStyleDeclaration, "color" | "getPropertyValue">, lines: Line[]): string {
  return [style.color, ...lines.map(({ color }) => style.getPropertyValue(color))].join();
}
