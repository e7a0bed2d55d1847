import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import { nowMs } from "../data/clock";
import type { PlanDocument } from "../data/documents";
import { setUpCard } from "../parts/set_up_card";
import { deviceCard, deviceStyle } from "../parts/device_card";
import { eventCard, eventStyle } from "../parts/event_card";
import { flowCard, flowStyle } from "../parts/flow";
import { shared } from "../style";

const SOON_MS = 12 * 3_600_000;

/** What is happening now: flow, devices with the one sentence why, the limit in force, and what is asked. */
export class NowPage extends LitElement {
  static override properties = { context: { attribute: false }, body: { attribute: false } };
  declare context: Context;
  /** The plan, where there is room for it. */
  declare body: PlanDocument | undefined;

  protected override render(): TemplateResult {
    const { context } = this;
    const { now, words } = context;
    return html`<h2 class="visually-hidden">${words.t("page_now")}</h2>
      <div class="columns">
      <div class="stack first">${setUpCard(context)} ${this.#event()} ${flowCard(context)} ${this.#limit()} ${this.#pause()}</div>
      <div class="beside">
        ${now.devices.length
          ? html`<section class="stack devices" aria-label=${words.t("devices_now")}>
              <h2 class="visually-hidden">${words.t("devices_now")}</h2>
              ${now.devices.map((device) => deviceCard(context, device))}
            </section>`
          : nothing}
        ${this.body?.plan ? html`<hf-plan-ahead .context=${context} .body=${this.body}></hf-plan-ahead>` : nothing}
      </div>
    </div>`;
  }

  #event(): TemplateResult | typeof nothing {
    const { event } = this.context.now;
    if (!event || Date.parse(event.start) - nowMs() > SOON_MS) return nothing;
    return eventCard(this.context, event);
  }

  #limit(): TemplateResult | typeof nothing {
    const { words, format, now } = this.context;
    const { limit } = now;
    if (!limit) return nothing;
    const who = limit.owner === null ? "" : words.decider(limit.owner);
    const said = (key: string, watts: number | null): TemplateResult | typeof nothing =>
      watts === null
        ? nothing
        : html`<p>${words.t(key, { power: format.power(watts) })}${who ? html` <span class="chip">${who}</span>` : nothing}</p>`;
    return html`<section class="card limit last">
      <h2>${words.t("limit")}</h2>
      ${said("limit_import", limit.import_w)} ${said("limit_export", limit.export_w)}
      ${limit.shortfall_w > 0
        ? html`<p class="quiet">${words.t("limit_short", { power: format.power(limit.shortfall_w) })}</p>`
        : nothing}
    </section>`;
  }

  #pause(): TemplateResult {
    const { words, format, now, maySteer, isFresh } = this.context;
    const does = now.paused ? "resume" : "pause";
    return html`<section class="card last ${now.paused ? "warn" : ""}">
      <p class=${now.paused ? "" : "quiet"}>
        ${now.paused
          ? now.paused_until === null
            ? words.t("paused")
            : words.t("paused_until", { time: format.moment(now.paused_until) })
          : words.t(now.follows_plan ? "runs_by_plan" : "runs_by_rules")}
      </p>
      <div class="actions">
        <button
          ?disabled=${!maySteer || !isFresh || isBusy(this.context, does, "")}
          @click=${() =>
            steer(this, {
              does,
              target: "",
              ...(now.paused ? {} : { undo: { does: "resume", said: words.t("paused_said") } }),
            })}
        >
          <ha-icon icon=${now.paused ? "mdi:play" : "mdi:pause"}></ha-icon>${words.t(`do_${does}`)}
        </button>
      </div>
      ${maySteer ? nothing : html`<p class="quiet">${words.t("only_look")}</p>`}
    </section>`;
  }

  static override styles = [
    shared,
    flowStyle,
    eventStyle,
    deviceStyle,
    css`
      .columns {
        display: grid;
        gap: 12px;
      }
      /* On a phone: what is asked, the flow, the devices, and then what is seldom looked at. */
      .first {
        display: contents;
      }
      .last {
        order: 1;
      }
      .beside {
        min-width: 0;
      }
      hf-plan-ahead {
        margin-block-start: 12px;
        border: 1px solid var(--ha-card-border-color, var(--divider-color));
        border-radius: var(--ha-card-border-radius, 12px);
        overflow: hidden;
      }
      .limit p {
        margin-block-start: 4px;
      }
      @media (min-width: 700px) {
        .columns {
          grid-template-columns: minmax(320px, 400px) 1fr;
        }
        .first {
          display: grid;
        }
        .devices {
          display: block;
          columns: 260px;
          column-gap: 12px;
        }
        .devices > * {
          break-inside: avoid;
          margin-block-end: 12px;
        }
      }
      @media (min-width: 870px) {
        .columns {
          gap: 20px;
        }
      }
    `,
  ];
}
