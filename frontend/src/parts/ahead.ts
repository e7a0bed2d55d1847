import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import { bestOf, type DayAhead, daysAhead, type HourAhead, levelOf, type Stretch } from "../data/ahead";
import type { PlanDocument } from "../data/documents";
import { leaves } from "../data/pointer";
import { figureStyle } from "./figure_style";
import { shared } from "../style";

/** What a kWh costs in the hours of today and tomorrow, as a map of warm and cold, and how clean it is. */
export class HoursAhead extends LitElement {
  static override properties = {
    context: { attribute: false },
    body: { attribute: false },
    at: { state: true },
    isTable: { state: true },
  };
  declare context: Context;
  declare body: PlanDocument | undefined;
  /** The hour that is read. */
  declare at: HourAhead | undefined;
  declare isTable: boolean;

  protected override render(): TemplateResult | typeof nothing {
    const { context, body } = this;
    const plan = body?.plan;
    if (!plan) return nothing;
    const { words } = context;
    const days = daysAhead(plan, context.format.timeZone);
    const hasPrices = days.some(({ hours }) => hours.some(({ price }) => price !== null));
    if (!hasPrices) return nothing;
    const hasCarbon = days.some(({ hours }) => hours.some(({ carbon }) => carbon !== null));
    const isGuessed = days.some(({ hours }) => hours.some((hour) => hour.isGuessed));
    return html`<section class="card">
      <h2>${words.t("ahead")}</h2>
      ${this.#sentences(days, hasCarbon).map((said) => html`<p>${said}</p>`)}
      <div aria-hidden="true" @pointerleave=${(event: PointerEvent) => leaves(event) && (this.at = undefined)}>
        ${days.map((day) => this.#day(day, days, hasCarbon))}
        <p class="quiet reading">${this.at ? this.#told(this.at) : this.#legend(hasCarbon)}</p>
      </div>
      ${isGuessed ? html`<p class="quiet small">${words.t("ahead_guess")}</p>` : nothing}
      <details @toggle=${(event: Event) => (this.isTable = (event.target as HTMLDetailsElement).open)}>
        <summary>${words.t("as_table")}</summary>
        ${this.isTable ? this.#table(days, hasCarbon) : nothing}
      </details>
    </section>`;
  }

  #legend(hasCarbon: boolean): string {
    const { words } = this.context;
    return [words.t("ahead_tap"), ...(hasCarbon ? [words.t("ahead_bars")] : [])].join(" ");
  }

  #sentences(days: DayAhead[], hasCarbon: boolean): string[] {
    const { words, format, now } = this.context;
    const cheap = bestOf(days, "price", 1);
    const dear = bestOf(days, "price", -1);
    const clean = hasCarbon ? bestOf(days, "carbon", 1) : undefined;
    const dirty = hasCarbon ? bestOf(days, "carbon", -1) : undefined;
    const carbon = (found: Stretch): string => format.number(found.mean);
    // Where all hours are the same none is the best.
    const isCleaner = clean && dirty && carbon(clean) !== carbon(dirty);
    const price = (found: Stretch): string => format.price(found.mean, now.currency);
    const isFlat = cheap && dear && price(cheap) === price(dear);
    return [
      ...(isFlat ? [words.t("ahead_flat", { price: price(cheap) })] : []),
      ...(cheap && dear && !isFlat
        ? [
            words.t("ahead_cheap", { time: this.#span(cheap), price: price(cheap) }),
            words.t("ahead_dear", { time: this.#span(dear), price: price(dear) }),
          ]
        : []),
      ...(isCleaner ? [words.t("ahead_clean", { time: this.#span(clean), amount: carbon(clean) })] : []),
    ];
  }

  #span({ from, to }: Stretch): string {
    return this.context.format.span(new Date(from).toISOString(), new Date(to).toISOString());
  }

  #day(day: DayAhead, days: DayAhead[], hasCarbon: boolean): TemplateResult {
    const { format } = this.context;
    const price = levelOf(days, "price");
    const most = Math.max(...days.flatMap(({ hours }) => hours.map(({ carbon }) => carbon ?? 0)), 1);
    const first = day.hours[0];
    const columns = Math.max(24, day.gone + day.hours.length);
    const place = `grid-template-columns:repeat(${columns},1fr)`;
    const begins = `grid-column-start:${day.gone + 1}`;
    const cells = day.hours.map((hour, index) => {
      const level = hour.price === null ? undefined : price(hour.price);
      return html`<i
        class="cell ${hour.isGuessed ? "guess" : ""} ${this.at?.at === hour.at ? "read" : ""}"
        .style=${`${index ? "" : begins};--level:${level === undefined ? 50 : Math.round(level * 100)}%`}
        @pointerenter=${() => (this.at = hour)}
        @pointerdown=${() => (this.at = hour)}
        >${level === undefined ? "" : level < 0.15 ? "\u2022" : level > 0.85 ? "\u25b4" : ""}</i
      >`;
    });
    const bars = day.hours.map(
      (hour, index) => html`<i
        class="bar"
        .style=${`${index ? "" : begins};height:${Math.round((34 * (hour.carbon ?? 0)) / most)}px`}
        @pointerenter=${() => (this.at = hour)}
      ></i>`,
    );
    const marks = [0, 6, 12, 18].map((hour) => html`<span .style=${`grid-column:${hour + 1}/span 6`}>${this.#mark(day, hour).replace("\u202f", " ")}</span>`);
    return html`<p class="quiet name">${first ? format.day(new Date(first.at)) : ""}</p>
      <div class="hours cells" .style=${place}>${cells}</div>
      ${hasCarbon ? html`<div class="hours carbon" .style=${place}>${bars}</div>` : nothing}
      <div class="hours marks quiet" .style=${place}>${marks}</div>`;
  }

  /** What the clock says at an hour of a day. */
  #mark(day: DayAhead, hour: number): string {
    const first = day.hours[0];
    return first ? this.context.format.time(new Date(first.at + (hour - day.gone) * 3_600_000)) : "";
  }

  #told({ at, price, carbon }: HourAhead): string {
    const { words, format, now } = this.context;
    return [
      format.span(new Date(at).toISOString(), new Date(at + 3_600_000).toISOString()),
      price === null ? words.t("unknown") : format.price(price, now.currency),
      ...(carbon === null ? [] : [words.t("carbon_per_kwh", { amount: format.number(carbon) })]),
    ].join(" \u00b7 ");
  }

  #table(days: DayAhead[], hasCarbon: boolean): TemplateResult {
    const { words, format, now } = this.context;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.t("ahead")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${words.t("column_when")}</th>
            <th scope="col">${words.t("lane_price", { unit: format.priceUnit(now.currency) })}</th>
            ${hasCarbon ? html`<th scope="col">${words.t("lane_carbon")}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${days.flatMap(({ hours }) =>
            hours.map(
              ({ at, price, carbon }) => html`<tr>
                <th scope="row">${format.moment(new Date(at))}</th>
                <td class="number">${price === null ? words.t("unknown") : format.number(price, 3)}</td>
                ${hasCarbon ? html`<td class="number">${carbon === null ? "" : format.number(carbon)}</td>` : nothing}
              </tr>`,
            ),
          )}
        </tbody>
      </table>
    </div>`;
  }

  static override styles = [
    shared,
    figureStyle,
    css`
      .name {
        font-size: 0.8125rem;
        margin-block: 12px 4px;
      }
      .hours {
        display: grid;
        gap: 2px;
        direction: ltr;
      }
      /* What has gone of the day stays its place. */
      .cells {
        border-radius: 3px;
        background: var(--quiet);
      }
      .cell {
        height: 32px;
        border-radius: 3px;
        display: grid;
        place-items: center;
        font: 0.75rem/1 sans-serif;
        color: var(--primary-text-color);
        background: color-mix(
          in srgb,
          color-mix(in srgb, var(--warning-color, #ffa600) var(--level), var(--success-color, #43a047)) 62%,
          var(--card-background-color)
        );
      }
      .guess {
        opacity: 0.55;
      }
      .read {
        outline: 2px solid var(--primary-text-color);
      }
      .carbon {
        align-items: end;
        height: 36px;
        margin-block-start: 4px;
      }
      .bar {
        background: color-mix(in srgb, var(--secondary-text-color) 70%, transparent);
        border-radius: 2px 2px 0 0;
      }
      .marks {
        font-size: 0.75rem;
        margin-block-start: 2px;
        white-space: nowrap;
      }
      .reading {
        min-height: 1.4em;
        margin-block-start: 8px;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
}
