import { html, LitElement, type TemplateResult } from "lit";
import type { Line } from "../../chart/lane";
import { digitsOf } from "../../chart/range";
import { Asked } from "../asked";
import type { Context } from "../context";
import type { Direction, Forecast, Offers, Program } from "../documents";
import { bar, empty, shown, table, tiles } from "../parts/said";
import { consoleStyle } from "../style";

const HOURS = 24;

interface Found {
  offers: Offers;
  forecast: Forecast;
  programs: Program[];
}

/** What homes offer now as a curve of prices, by feeder and by home, and in the hours to come. */
export class OffersPage extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  #direction: Direction = "less";
  #program = "";
  readonly #found = new Asked<Found>(this, (context) => this.#ask(context), ["dispatch.make", "dispatch.cancel"]);

  async #ask({ api }: Context): Promise<Found> {
    const query = { direction: this.#direction, program_id: this.#program };
    const [offers, forecast, programs] = await Promise.all([
      api.get<Offers>("/flexibility/current", query),
      api.get<Forecast>("/flexibility/forecast", { ...query, hours: HOURS }),
      api.get<Program[]>("/programs"),
    ]);
    return { offers, forecast, programs };
  }

  #choose = (event: Event): void => {
    const { name, value } = event.target as HTMLSelectElement;
    if (name === "direction") this.#direction = value as Direction;
    else this.#program = value;
    void this.#found.refresh();
  };

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    const programs = this.#found.value?.programs ?? [];
    return html`<div class="page">
      <div class="top">
        <h1>${t("page_offers")}</h1>
        <div class="row">
        <label
          ><span class="visually-hidden">${t("direction")}</span
          ><select name="direction" @change=${this.#choose}>
            <option value="less">${t("direction_less")}</option>
            <option value="more">${t("direction_more")}</option>
          </select></label
        >
        <label
          ><span class="visually-hidden">${t("program")}</span
          ><select name="program" @change=${this.#choose}>
            <option value="">${t("programs_all")}</option>
            ${programs.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
          </select></label
        >
        </div>
      </div>
      ${shown(this.context, this.#found, (found) => this.#show(found))}
    </div>`;
  }

  #show({ offers, forecast }: Found): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    const kw = (value: number): string => format.power(value * 1000);
    return html`${tiles([
        [t("offered"), kw(offers.power_kw)],
        [t("expected"), kw(offers.expected_kw)],
        [t("homes_count"), format.number(offers.homes)],
        [t("homes_silent"), format.number(offers.silent_homes)],
        ...(offers.capacity_kwh ? [[t("stored"), format.percent((offers.stored_kwh ?? 0) / offers.capacity_kwh)] as const] : []),
      ])}
      <div class="beside two">
        <section class="card">
          <h2>${t("curve")}</h2>
          ${offers.curve.length
            ? html`<hc-curve .context=${this.context} .points=${offers.curve}></hc-curve>`
            : empty(t("offers_none"))}
        </section>
        <section class="card">
          <h2>${t("by_feeder")}</h2>
          ${offers.feeders.length ? this.#feeders(offers, kw) : empty(t("offers_none"))}
        </section>
      </div>
      <section class="card">
        <h2>${t("offers_ahead", { hours: HOURS })}</h2>
        ${forecast.intervals.length ? this.#ahead(forecast) : empty(t("offers_none"))}
      </section>
      <section class="card">
        <h2>${t("offers_by_home")}</h2>
        ${offers.offers.length ? this.#homes(offers, kw) : empty(t("offers_none"))}
      </section>`;
  }

  #feeders(offers: Offers, kw: (value: number) => string): TemplateResult {
    const { t } = this.context.words;
    const most = Math.max(...offers.feeders.map(({ power_kw }) => power_kw), 1e-9);
    return html`<ul class="rows">
      ${offers.feeders.map(
        (each) => html`<li>
          <div class="row"><strong class="grow">${each.feeder ?? t("feeder_none")}</strong><span class="number">${kw(each.power_kw)}</span></div>
          ${bar(each.power_kw / most)}
          <small class="hint">${t("homes_number", { homes: each.homes })} · ${t("expected_of", { power: kw(each.expected_kw) })}</small>
        </li>`,
      )}
    </ul>`;
  }

  #ahead({ intervals }: Forecast): TemplateResult {
    const { format } = this.context;
    const seconds = intervals.map(({ start }) => new Date(start).getTime() / 1000);
    const last = intervals.at(-1);
    const times = [...seconds, (seconds.at(-1) ?? 0) + (last?.duration_s ?? 0)];
    const lines: Line[] = [
      { color: "--primary-color", values: intervals.map(({ power_kw }) => power_kw), fill: true },
      { color: "--warning-color", values: intervals.map(({ expected_kw }) => expected_kw), dashed: true },
    ];
    return html`<hf-lane
        .times=${times}
        .lines=${lines}
        .range=${{ from: times[0] ?? 0, to: times.at(-1) ?? 1 }}
        .value=${(value: number, step: number) => format.number(value, digitsOf(step))}
        .hour=${(at: number) => format.time(new Date(at * 1000))}
        .height=${180}
      ></hf-lane>
      <p class="hint">${this.context.words.t("offers_ahead_hint")}</p>`;
  }

  #homes(offers: Offers, kw: (value: number) => string): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return table(
      t("offers_by_home"),
      [
        { name: t("home"), text: true },
        { name: t("offered") },
        { name: t("price") },
        { name: t("proven"), wide: true },
        { name: t("told_at"), wide: true },
      ],
      offers.offers.map(
        (each) => html`<tr>
          <th scope="row">${each.name}<small>${each.feeder ?? each.ven_id}</small></th>
          <td class="number">${kw(each.power_kw)}</td>
          <td class="number">${each.price_per_kwh === null ? "–" : format.number(Number(each.price_per_kwh), 3)}</td>
          <td class="wide number">${format.percent(each.proven_share)}</td>
          <td class="wide number">${format.moment(each.told_at)}</td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
