import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Line } from "../chart/lane";
import { digitsOf, type Range } from "../chart/range";
import type { Context } from "../context";
import { bothWh, type Lived, type LivedDocument } from "../data/lived";
import { shared } from "../style";

const LANES = [
  { name: "grid", key: "stream_grid", color: "--energy-grid-consumption-color" },
  { name: "load", key: "stream_home", color: "--primary-text-color" },
  { name: "sun", key: "stream_sun", color: "--energy-solar-color" },
] as const;
/** An early morning is drawn as long as this, so that a first quarter-hour is no whole picture. */
const LEAST_S = 6 * 3600;

/** Today's hours that are over: as they were lived, and as they were planned and expected before. */
export class LivedToday extends LitElement {
  static override properties = {
    context: { attribute: false },
    made: { attribute: false },
    document: { state: true },
  };
  declare context: Context;
  /** When the plan was made: with each new one there is more of the day to tell. */
  declare made: string | undefined;
  declare document: LivedDocument | undefined;

  #lanes: { times: number[]; range: Range; lines: Record<string, Line[]> } | undefined;
  #hour = (at: number): string => this.context.format.time(new Date(at * 1000));
  #kw = (watts: number, step: number): string => this.context.format.number(watts / 1000, digitsOf(step / 1000));

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("made")) void this.#ask();
    if (changed.has("document") && this.document) this.#lanes = lanesOf(this.document);
  }

  async #ask(): Promise<void> {
    try {
      this.document = await this.context.connection.sendMessagePromise<LivedDocument>({ type: "home_flex/lived" });
    } catch {
      // The plan stands without it, and it is asked for again with the next one.
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { document } = this;
    const lanes = this.#lanes;
    if (!document || !lanes || !document.grid.lived_w.some((value) => value !== null)) return nothing;
    const { words } = this.context;
    const shown = LANES.filter(({ name }) => document[name].lived_w.some((value) => value));
    return html`<section class="card">
      <h2>${words.t("lived")}</h2>
      <p class="quiet">${words.t("lived_how")}</p>
      <figure>
        ${shown.map(
          ({ name, key }, index) => html`<p class="title">${words.t(key)} <span class="quiet">${this.#sums(name, document[name])}</span></p>
            <hf-lane
              .times=${lanes.times}
              .lines=${lanes.lines[name]}
              .range=${lanes.range}
              .height=${index === shown.length - 1 ? 96 : 76}
              .value=${this.#kw}
              .hour=${index === shown.length - 1 ? this.#hour : undefined}
            ></hf-lane>`,
        )}
        <figcaption class="visually-hidden">${words.t("lived_how")}</figcaption>
      </figure>
    </section>`;
  }

  #sums(name: string, lived: Lived): string {
    const { words, format } = this.context;
    const both = bothWh(lived, this.document?.step_s ?? 0);
    if (!both) return words.t("lived_not_expected");
    // Which way the grid's energy went is a word, not a sign.
    const told = (wh: number): string =>
      name === "grid" ? words.t(wh >= 0 ? "from_grid" : "to_grid", { power: format.energy(wh) }) : format.signedEnergy(wh);
    return words.t("lived_sums", { lived: told(both.lived), expected: told(both.expected) });
  }

  static override styles = [
    shared,
    css`
      .title {
        margin-block: 10px 2px;
      }
      h2 + .quiet {
        font-size: 0.875rem;
      }
    `,
  ];
}

function lanesOf(document: LivedDocument): { times: number[]; range: Range; lines: Record<string, Line[]> } {
  const from = Date.parse(document.start) / 1000;
  const { step_s } = document;
  const times = [...document.grid.lived_w.map((_, step) => from + step * step_s), from + document.grid.lived_w.length * step_s];
  const lines = LANES.map(({ name, color }): [string, Line[]] => [
    name,
    [
      { color, values: document[name].lived_w, fill: true },
      ...(document[name].expected_w.some((value) => value !== null)
        ? [{ color: "--secondary-text-color", values: document[name].expected_w, dashed: true }]
        : []),
    ],
  ]);
  return {
    times,
    range: { from, to: Math.max(times.at(-1) ?? from, from + LEAST_S) },
    lines: Object.fromEntries(lines),
  };
}
