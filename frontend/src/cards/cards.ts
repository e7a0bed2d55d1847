import { css, html, type CSSResultGroup, type TemplateResult } from "lit";
import type { Context } from "../context";
import { deviceCard, deviceStyle } from "../parts/device_card";
import { eventCard, eventStyle } from "../parts/event_card";
import { flowCard, flowStyle } from "../parts/flow";
import { HomeFlexCard } from "./card";

/** Where power flows now, and if wanted what each device does and why. */
export class NowCard extends HomeFlexCard {
  protected body(context: Context): TemplateResult {
    return html`${flowCard(context)}
    ${this.config["devices"] ? context.now.devices.map((device) => deviceCard(context, device)) : ""}`;
  }

  static override styles: CSSResultGroup = [
    HomeFlexCard.styles,
    flowStyle,
    eventStyle,
    deviceStyle,
    css`
      .card + .card {
        border-block-start: 1px solid var(--divider-color);
      }
    `,
  ];
}

/** The event that runs or comes next, with join and skip. */
export class EventCard extends HomeFlexCard {
  protected body(context: Context): TemplateResult {
    const { words, now } = context;
    if (now.event) return eventCard(context, now.event);
    return html`<section class="card">
      <h2>${words.t("page_events")}</h2>
      <p class="quiet">${words.t(now.community === null ? "events_no_community" : "events_none")}</p>
    </section>`;
  }

  static override styles: CSSResultGroup = [HomeFlexCard.styles, eventStyle];
}

/** The plan on its time axis; a block that is tapped says why. */
export class PlanCard extends HomeFlexCard {
  protected override readonly topic = "plan";

  protected body(context: Context, document: unknown): TemplateResult {
    return html`<hf-plan
      .context=${context}
      .body=${document}
      .hours=${Number(this.config["hours"] ?? 24)}
      .isCard=${true}
    ></hf-plan>`;
  }
}
