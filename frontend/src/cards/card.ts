import { css, type CSSResultGroup, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Topic } from "../data/documents";
import type { Hass } from "../data/home_assistant";
import { HomeLink } from "../data/home_link";
import { spokenTo } from "../data/language";
import { shared } from "../style";
import type { CardConfig } from "./kinds";

/** A card on a dashboard: watches what it shows, and steers as the panel does. Nothing is set up there. */
export abstract class HomeFlexCard extends LitElement {
  static override properties = {
    config: { attribute: false },
    said: { state: true },
  };
  declare config: CardConfig;
  /** Why something was refused. */
  declare said: string | undefined;

  readonly #home = new HomeLink(this, {
    topic: () => this.topic,
    done: () => (this.said = undefined),
    refused: (reason) => (this.said = reason),
  });

  /** What the card watches beside what is now. */
  protected readonly topic: Topic | undefined;

  protected abstract body(context: Context, document: unknown): TemplateResult | typeof nothing;

  set hass(hass: Hass) {
    this.#home.take(hass);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words, state, isFresh, document, hass } = this.#home;
    if (!words) return nothing;
    const context = this.#home.context({ maySetUp: false, later: new Set() });
    if (!context) {
      return html`<ha-card><p class="pad quiet">${words.t(state === "connecting" ? "ledger_asked" : `state_${state}`)}</p></ha-card>`;
    }
    const lang = spokenTo(hass?.locale.language ?? "");
    return html`<ha-card class=${isFresh ? "" : "old"} lang=${lang} dir="ltr">
      ${isFresh ? nothing : html`<p class="pad" role="status">${words.t("not_live")}</p>`}
      ${this.body(context, document)}
      ${this.said ? html`<p class="pad" role="alert">${this.said}</p>` : nothing}
    </ha-card>`;
  }

  static override styles: CSSResultGroup = [
    shared,
    css`
      :host {
        min-width: 0;
      }
      ha-card {
        overflow: hidden;
      }
      .old > :not(.pad) {
        opacity: 0.6;
      }
      .pad {
        padding: 16px;
      }
      /* The parts are cards by themselves; here Home Assistant's card is around them. */
      .card {
        border: 0;
        border-radius: 0;
        background: transparent;
      }
    `,
  ];
}
