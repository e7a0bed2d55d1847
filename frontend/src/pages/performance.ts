import { css, html, nothing, type TemplateResult } from "lit";
import { type BatteryRow, type DeviceRow, type ForecastRow, type PerformanceDocument, verdict } from "../data/performance";
import { iconOf } from "../parts/device_card";
import { figureStyle } from "../parts/figure_style";
import { heatLossCard, heatLossStyle } from "../parts/heat_loss";
import { figure, known } from "../parts/known";
import { knownCarbon, knownEnergy, sufficiencyOf } from "../parts/money_cards";
import { shared } from "../style";
import { AskedPage } from "./asked";

/** How well building, forecasts, devices and batteries did in the last weeks, with what is known of it. */
export class PerformancePage extends AskedPage<PerformanceDocument> {
  protected override question(): Record<string, unknown> {
    return { type: "home_flex/performance" };
  }

  protected override render(): TemplateResult {
    const { context, document, refused } = this;
    const { words, format } = context;
    if (refused) return html`<p class="card warn" role="alert">${refused}</p>`;
    if (!document) return html`<div class="waiting" aria-hidden="true"></div>`;
    return html`<h2>${words.t("performance_since", { day: format.day(document.start) })}</h2>
      <div class="columns">
        <div class="stack">${this.#home(document)} ${heatLossCard(context, document.heat_loss)} ${this.#forecasts(document)}</div>
        <div class="stack">${this.#devices(document)} ${document.batteries.map((each) => this.#battery(each))}</div>
      </div>`;
  }

  #home({ home }: PerformanceDocument): TemplateResult {
    const { words, format } = this.context;
    const { self_sufficiency, self_consumption, energy, carbon_g } = home;
    const share = energy.load?.known ?? 0;
    const meter = (key: string, value: number | null, said: (value: number) => string): TemplateResult => html`<div>
      <dt>${words.t(key)}</dt>
      <dd>${figure(this.context, value === null ? null : said(value), share)}</dd>
      ${value === null
        ? nothing
        : html`<div class="level" aria-hidden="true"><span .style=${`width:${100 * Math.min(1, Math.max(0, value))}%`}></span></div>`}
    </div>`;
    return html`<section class="card">
      <h2>${words.t("money_home")}</h2>
      <dl>
        ${meter("self_sufficiency", self_sufficiency, (value) => sufficiencyOf(this.context, value))}
        ${energy.production ? meter("self_consumption", self_consumption, (value) => format.percent(value)) : nothing}
        <div>
          <dt>${words.t("family_load")}</dt>
          <dd>${knownEnergy(this.context, energy.load)}</dd>
        </div>
        <div>
          <dt>${words.t("carbon")}</dt>
          <dd>${knownCarbon(this.context, carbon_g)}</dd>
        </div>
      </dl>
    </section>`;
  }

  #forecasts({ forecasts }: PerformanceDocument): TemplateResult {
    const { words } = this.context;
    return html`<section class="card">
      <h2>${words.t("forecasts")}</h2>
      ${forecasts.length
        ? html`<ul class="rows">
            ${forecasts.map((each) => this.#forecast(each))}
          </ul>`
        : html`<p class="quiet">${words.t("forecasts_none")}</p>`}
    </section>`;
  }

  #forecast(row: ForecastRow): TemplateResult {
    const { words, format } = this.context;
    const { quality } = row;
    const said = verdict(row);
    return html`<li>
      <div class="row">
        <span class="grow">${row.device_id === null ? words.t("forecast_house") : row.name}</span>
        <span class="chip">${words.t(`forecast_${said}`)}</span>
      </div>
      <p class="quiet">
        ${quality
          ? words.t("forecast_misses", {
              watts: format.power(quality.misses_w),
              naive: format.power(quality.naive_misses_w),
            })
          : words.t("forecast_not_tried")}
        ${quality?.inside_band == null ? nothing : words.t("forecast_inside", { share: format.percent(quality.inside_band) })}
      </p>
    </li>`;
  }

  #devices({ devices }: PerformanceDocument): TemplateResult | typeof nothing {
    const { words } = this.context;
    if (!devices.length) return nothing;
    return html`<section class="card">
      <h2>${words.t("devices_heard")}</h2>
      <ul class="rows">
        ${devices.map((each) => this.#device(each))}
      </ul>
    </section>`;
  }

  #device({ kind, name, heard, heard_since, followed, not_followed }: DeviceRow): TemplateResult {
    const { words, format } = this.context;
    const judged = followed + not_followed;
    return html`<li>
      <div class="row">
        <ha-icon icon=${iconOf(kind)}></ha-icon>
        <span class="grow">${name}</span>
        <span class="number">${heard === null ? words.t("unknown") : format.percentOf(heard)}</span>
      </div>
      <p class="quiet">
        ${heard === null || heard_since === null
          ? words.t("heard_short")
          : words.t("heard_since", { time: format.day(heard_since) })}
        ${judged ? html`\u00b7 ${words.t("did_it", { count: format.number(followed), all: format.number(judged) })}` : nothing}
      </p>
    </li>`;
  }

  #battery(row: BatteryRow): TemplateResult {
    const { words, format } = this.context;
    const { charge_wh, discharge_wh, cycles, loss_wh, since } = row;
    const energy = (wh: number | null): string => (wh === null ? words.t("unknown") : format.signedEnergy(wh));
    const fact = (key: string, value: string): TemplateResult => html`<div>
      <dt>${words.t(key)}</dt>
      <dd class="number">${value}</dd>
    </div>`;
    return html`<section class="card">
      <h2>${row.name}</h2>
      ${since === null
        ? html`<p class="quiet">${words.t("battery_short")}</p>`
        : html`<dl>
              ${fact("family_charge", energy(charge_wh))} ${fact("family_discharge", energy(discharge_wh))}
              ${fact("battery_cycles", cycles === null ? words.t("unknown") : format.number(cycles, 1))}
              ${fact(
                "battery_loss",
                loss_wh === null || !charge_wh ? energy(loss_wh) : `${energy(loss_wh)} \u00b7 ${format.percent(loss_wh / charge_wh)}`,
              )}
            </dl>
            <p class="quiet small">
              ${words.t("battery_since", { time: format.day(since) })} ${known(this.context, row.known)}
            </p>`}
    </section>`;
  }

  static override styles = [
    shared,
    figureStyle,
    heatLossStyle,
    css`
      .columns {
        display: grid;
        gap: 12px;
      }
      dt {
        flex: 1 1 auto;
      }
      .waiting {
        height: 320px;
        border-radius: 12px;
        background: var(--quiet);
      }
      .level {
        flex-basis: 100%;
        height: 8px;
        padding: 0;
        border: 0;
        border-radius: 4px;
        overflow: hidden;
        background: var(--quiet);
      }
      .level > span {
        display: block;
        height: 100%;
        background: color-mix(in srgb, var(--primary-color) 70%, var(--primary-text-color));
      }
      .rows p {
        margin-block-start: 4px;
        font-size: 0.875rem;
      }
      @media (min-width: 870px) {
        .columns {
          grid-template-columns: 1fr 1fr;
          gap: 20px;
        }
      }
    `,
  ];
}
