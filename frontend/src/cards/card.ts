import { css, type CSSResultGroup, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Topic } from "../data/documents";
import { Format } from "../data/format";
import type { Hass } from "../data/home_assistant";
import { spokenTo } from "../data/language";
import { mayDo, Steering } from "../data/steering";
import { Watch } from "../data/watch";
import { Words } from "../data/words";
import { shared } from "../style";
import type { CardConfig } from "./kinds";

const STALE_S = 15;

/** A card on a dashboard: watches what it shows, and steers as the panel does. */
export abstract class HomeFlexCard extends LitElement {
  static override properties = {
    config: { attribute: false },
    words: { state: true },
    maySteer: { state: true },
    said: { state: true },
  };
  declare config: CardConfig;
  declare words: Words | undefined;
  declare maySteer: boolean;
  /** Why something was refused. */
  declare said: string | undefined;

  #hass: Hass | undefined;
  #format: Format | undefined;
  #now: Watch<"now"> | undefined;
  #more: Watch<Topic> | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;
  readonly #steering = new Steering(this, {
    connection: () => this.#hass?.connection,
    done: () => (this.said = undefined),
    refused: (error) => (this.said = this.words?.refusal(error)),
  });

  constructor() {
    super();
    this.maySteer = false;
  }

  /** What the card watches beside what is now. */
  protected readonly topic: Topic | undefined;

  protected abstract body(context: Context, document: unknown): TemplateResult | typeof nothing;

  set hass(hass: Hass) {
    const before = this.#hass;
    this.#hass = hass;
    if (before?.locale !== hass.locale) {
      this.#format = Format.of(hass);
      void Words.load(hass).then((words) => (this.words = words));
    }
    if (before?.connection !== hass.connection) this.#rewatch();
    if (before?.themes !== hass.themes) this.requestUpdate();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Only whether it is old is drawn by the clock.
    this.#clock = setInterval(() => this.#isStale && this.requestUpdate(), 5_000);
    this.#rewatch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#clock);
    this.#stop();
  }

  #rewatch(): void {
    if (!this.isConnected || !this.#hass) return;
    this.#stop();
    const { connection } = this.#hass;
    this.#now = new Watch(connection, "now", () => this.#heard());
    this.#now.start();
    if (this.topic) {
      this.#more = new Watch<Topic>(connection, this.topic, () => this.requestUpdate());
      this.#more.start();
    }
  }

  #stop(): void {
    this.#now?.stop();
    this.#more?.stop();
    this.#now = this.#more = undefined;
  }

  #heard(): void {
    if (this.#now?.state === "running" && !this.maySteer && this.#hass) {
      // Asked again with the next word of the site.
      mayDo(this.#hass.connection).then(({ may_steer }) => (this.maySteer = may_steer), () => undefined);
    }
    this.requestUpdate();
  }

  get #isStale(): boolean {
    return (this.#now?.silentS ?? 0) > STALE_S;
  }

  protected override shouldUpdate(): boolean {
    return this.words !== undefined && this.#hass !== undefined;
  }

  protected override render(): TemplateResult | typeof nothing {
    const words = this.words as Words;
    const now = this.#now?.body;
    const state = this.#now?.state ?? "connecting";
    if (!now) return html`<ha-card><p class="pad quiet">${words.t(state === "connecting" ? "ledger_asked" : `state_${state}`)}</p></ha-card>`;
    const isFresh = state === "running" && !this.#isStale;
    const context: Context = {
      words,
      format: this.#format as Format,
      connection: (this.#hass as Hass).connection,
      now,
      maySteer: this.maySteer,
      maySetUp: false,
      later: new Set(),
      isFresh,
      busy: this.#steering.busy,
      clicked: this.#steering.clicked,
    };
    const lang = spokenTo((this.#hass as Hass).locale.language);
    return html`<ha-card class=${isFresh ? "" : "old"} lang=${lang} dir="ltr">
      ${isFresh ? nothing : html`<p class="pad" role="status">${words.t("not_live")}</p>`}
      ${this.body(context, this.#more?.body)}
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
