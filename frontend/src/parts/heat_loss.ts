import { css, html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { HeatLoss } from "../data/performance";

/** How much colder it has to be outside for a figure (core/building). */
const LEAST_DIFFERENCE_K = 8;

/** What a building loses per degree, with its interval, or what is lacking for it. */
export function heatLossCard(context: Context, found: Partial<HeatLoss> | null): TemplateResult {
  const { words } = context;
  return html`<section class="card">
    <h2>${words.t("heat_loss")}</h2>
    ${found === null
      ? html`<p class="quiet">${words.t("heat_loss_no_building")}</p>
          <div class="actions">
            <a class="button" href="/config/integrations/integration/home_flex">${words.t("heat_loss_add")}</a>
          </div>`
      : found.w_per_k != null && found.half_width_w_per_k != null
        ? figure(context, found, found.w_per_k, found.half_width_w_per_k)
        : lacking(context, found)}
  </section>`;
}

function figure({ words, format }: Context, found: Partial<HeatLoss>, lossPerK: number, halfPerK: number): TemplateResult {
  // For each degree of the home's own thermometer.
  const [loss, half] = [lossPerK, halfPerK].map((each) => each / format.thermometer.perKelvin) as [number, number];
  const rounded = (value: number): string => format.number(Math.round(value / 5) * 5);
  const most = (loss + half) * 1.25;
  const place = (value: number): number => (100 * Math.max(0, value)) / most;
  return html`<p class="sum number">${words.t("heat_loss_figure", { watts: rounded(loss) })}</p>
    <p>${words.t("heat_loss_between", { low: rounded(loss - half), high: rounded(loss + half) })}</p>
    <div class="interval" aria-hidden="true">
      <span .style=${`inset-inline-start:${place(loss - half)}%;inset-inline-end:${100 - place(loss + half)}%`}></span>
      <i .style=${`inset-inline-start:${place(loss)}%`}></i>
    </div>
    <p class="quiet">
      ${words.t("heat_loss_example", { watts: format.power(loss * 20) })}
      ${found.start && found.end
        ? words.t("heat_loss_of", {
            days: format.number(found.days ?? 0),
            first: format.date(found.start),
            last: format.date(found.end),
          })
        : nothing}
    </p>
    ${found.is_unsure ? html`<p class="quiet">${words.t("heat_loss_unsure")}</p>` : nothing}`;
}

function lacking({ words, format }: Context, found: Partial<HeatLoss>): TemplateResult {
  if (!found.lacking) return html`<p class="quiet">${words.t("heat_loss_soon")}</p>`;
  return html`<p>${words.t("heat_loss_none")}</p>
    <p class="quiet">
      ${words.t(`lacking_${found.lacking}`, {
        days: format.number(found.days ?? 0),
        degrees: format.number((found.mean_difference_k ?? 0) * format.thermometer.perKelvin, 1),
        needed: format.number(LEAST_DIFFERENCE_K * format.thermometer.perKelvin),
        share: format.percent(found.heating_share ?? 0),
      })}
    </p>`;
}

export const heatLossStyle = css`
  .interval {
    position: relative;
    height: 14px;
    margin-block: 12px;
    border-radius: 7px;
    background: var(--quiet);
  }
  .interval span {
    position: absolute;
    inset-block: 0;
    border-radius: 7px;
    background: color-mix(in srgb, var(--primary-color) 45%, var(--card-background-color));
    border: 1px solid color-mix(in srgb, var(--primary-color) 60%, var(--primary-text-color));
  }
  .interval i {
    position: absolute;
    inset-block: -3px;
    width: 3px;
    margin-inline-start: -1px;
    background: var(--primary-text-color);
  }
`;
