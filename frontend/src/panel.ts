import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context, Deed, Leaving } from "./context";
import type { Topic } from "./data/documents";
import { Format } from "./data/format";
import type { Hass, Route } from "./data/home_assistant";
import { keepLater, readLater, withLater } from "./data/later";
import { mayDo, Steering } from "./data/steering";
import { type SiteState, Watch } from "./data/watch";
import { Words } from "./data/words";
import { PAGES, pageOf, type PageName } from "./pages";
import { shared } from "./style";

const STALE_S = 15;
const BACK_SHOWN_MS = 3_000;
const NOTICE_SHOWN_MS = 10_000;

interface Notice {
  text: string;
  undo?: Deed;
}

/** The panel: its bar, the page that the address names, and how its connection is. */
export class HomeFlexPanel extends LitElement {
  static override properties = {
    narrow: { type: Boolean },
    route: { attribute: false },
    words: { state: true },
    maySteer: { state: true },
    maySetUp: { state: true },
    later: { state: true },
    notice: { state: true },
    isBack: { state: true },
  };

  declare narrow: boolean;
  declare route: Route | undefined;
  declare words: Words | undefined;
  declare maySteer: boolean;
  declare maySetUp: boolean;
  declare later: ReadonlySet<string>;
  declare notice: Notice | undefined;
  declare isBack: boolean;

  #hass: Hass | undefined;
  #format: Format | undefined;
  #now: Watch<"now"> | undefined;
  #page: { name: PageName; watch: Watch<Topic> } | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;
  #noticeEnds: ReturnType<typeof setTimeout> | undefined;
  #wasAway = false;
  readonly #steering = new Steering(this, {
    connection: () => this.#hass?.connection,
    done: ({ undo, ...deed }) => {
      if (undo) this.#say({ text: undo.said, undo: { ...deed, does: undo.does } });
      else this.notice = undefined;
    },
    refused: (error) => this.#say({ text: this.words?.refusal(error) ?? "" }),
  });

  constructor() {
    super();
    this.narrow = false;
    this.route = undefined;
    this.maySteer = false;
    this.maySetUp = false;
    this.later = new Set();
    this.isBack = false;
  }

  /** Set anew with each change of any state: only what is used is compared. */
  set hass(hass: Hass) {
    const before = this.#hass;
    this.#hass = hass;
    if (before?.locale !== hass.locale) {
      this.#format = new Format(hass.locale, hass.config.time_zone);
      void this.#loadWords(hass);
    }
    if (before?.connection !== hass.connection) this.#rewatch();
    if (before?.themes !== hass.themes || before?.locale !== hass.locale) this.requestUpdate();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = setInterval(() => this.#tick(), 1_000);
    this.addEventListener("go", this.#go as EventListener);
    this.addEventListener("leave", this.#leave as EventListener);
    this.#rewatch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#clock);
    clearTimeout(this.#noticeEnds);
    this.removeEventListener("go", this.#go as EventListener);
    this.removeEventListener("leave", this.#leave as EventListener);
    this.#now?.stop();
    this.#page?.watch.stop();
    this.#now = this.#page = undefined;
  }

  protected override willUpdate(): void {
    this.#watchPage();
  }

  #rewatch(): void {
    if (!this.isConnected || !this.#hass) return;
    this.#now?.stop();
    this.#page?.watch.stop();
    this.#page = undefined;
    this.#now = new Watch(this.#hass.connection, "now", () => this.#heard());
    this.#now.start();
    this.#watchPage();
    this.requestUpdate();
  }

  #watchPage(): void {
    const name = pageOf(this.route?.path);
    if (this.#page?.name === name || !this.#hass || !this.#now) return;
    this.#page?.watch.stop();
    const { topic } = PAGES[name];
    if (topic === "now") {
      this.#page = undefined;
      return;
    }
    const watch = new Watch<Topic>(this.#hass.connection, topic, () => this.requestUpdate());
    this.#page = { name, watch };
    watch.start();
  }

  async #loadWords(hass: Hass): Promise<void> {
    this.words = await Words.load(hass);
  }

  #heard(): void {
    const isAway = this.#now?.state !== "running";
    if (!isAway && (this.#wasAway || !this.maySteer)) void this.#ask();
    if (!isAway && this.#wasAway) {
      this.isBack = true;
      setTimeout(() => (this.isBack = false), BACK_SHOWN_MS);
    }
    // The first word of all is no return.
    this.#wasAway = isAway && this.#now?.body !== undefined;
    this.requestUpdate();
  }

  async #ask(): Promise<void> {
    try {
      const connection = this.#hass?.connection;
      if (!connection) return;
      const about = await mayDo(connection);
      this.later = await readLater(connection);
      this.maySteer = about.may_steer;
      this.maySetUp = about.may_set_up;
    } catch {
      // Asked again with the next word of the site.
    }
  }

  #tick(): void {
    // Only an age is drawn by the clock.
    if ((this.#now?.silentS ?? 0) > STALE_S - 1) this.requestUpdate();
  }

  #say(notice: Notice): void {
    clearTimeout(this.#noticeEnds);
    this.notice = notice;
    this.#noticeEnds = setTimeout(() => (this.notice = undefined), NOTICE_SHOWN_MS);
  }

  #leave = (event: CustomEvent<Leaving>): void => {
    this.later = withLater(this.later, event.detail.steps, event.detail.isLater);
    // What is not kept is asked again on the next visit.
    if (this.#hass) keepLater(this.#hass.connection, this.later).catch(() => undefined);
  };

  #go = (event: CustomEvent<string>): void => this.#show(event.detail as PageName);

  #show(page: PageName, event?: Event): void {
    event?.preventDefault();
    history.pushState(null, "", `${this.route?.prefix ?? "/home-flex"}/${page}`);
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words } = this;
    if (!words || !this.#format || !this.#hass) return nothing;
    const page = pageOf(this.route?.path);
    // On a wall: what is now, large, and nothing that leads away from it.
    const isWall = page === "now" && new URLSearchParams(location.search).has("wall");
    return html`
      <header>
        ${isWall ? nothing : html`<ha-menu-button .hass=${this.#hass} .narrow=${this.narrow}></ha-menu-button>`}
        <h1>${this.#now?.body?.home ?? words.t("title")}</h1>
        ${this.#status(words)}
      </header>
      ${isWall ? nothing : this.#nav(words, page)}
      <main class=${isWall ? "wall" : ""}>${this.#banner(words)} ${this.#body(words, page)}</main>
      ${this.#toast(words)}
    `;
  }

  #status(words: Words): TemplateResult {
    const isLive = this.#now?.state === "running" && !this.#isStale;
    return html`<span class="status ${isLive ? "live" : ""}">
      <span class="dot" aria-hidden="true"></span>${words.t(isLive ? "live" : "not_live")}
    </span>`;
  }

  get #isStale(): boolean {
    return (this.#now?.silentS ?? 0) > STALE_S;
  }

  #nav(words: Words, page: PageName): TemplateResult {
    const asked = this.#now?.body?.event;
    return html`<nav aria-label=${words.t("pages")}>
      ${Object.entries(PAGES).map(([name, { icon }]) => icon === null ? nothing : html`<a
          href="${this.route?.prefix ?? "/home-flex"}/${name}"
          class=${name}
          aria-current=${name === page ? "page" : "false"}
          @click=${(event: Event) => this.#show(name as PageName, event)}
        >
          <span class="icon"
            ><ha-icon icon=${icon}></ha-icon>${name === "events" && asked && (asked.awaits_answer || !asked.opted_out)
              ? html`<span class="badge"><span class="visually-hidden">${words.t("event_there")}</span></span>`
              : nothing}</span
          >
          <span>${words.t(`page_${name}`)}</span>
        </a>`)}
    </nav>`;
  }

  #banner(words: Words): TemplateResult {
    const trouble = this.#trouble(words);
    const kind = trouble ? "bad" : this.isBack ? "good" : "none";
    return html`<div role="status" class="banner ${kind}">
      ${trouble ? html`<ha-icon icon="mdi:lan-disconnect"></ha-icon>` : nothing}
      <span>${trouble ?? (this.isBack ? words.t("back") : "")}</span>
    </div>`;
  }

  #trouble(words: Words): string | undefined {
    const state: SiteState = this.#now?.state ?? "connecting";
    if (state === "offline" || state === "restarting" || state === "failed") return words.t(`state_${state}`);
    if (state === "running" && this.#isStale) {
      const silentS = Math.round(this.#now?.silentS ?? 0);
      return words.t("state_stale", { age: this.#format?.number(silentS) ?? "" });
    }
    if (state === "running" && this.#now?.body?.control_fails) return words.t("state_control_fails");
    return undefined;
  }

  #body(words: Words, page: PageName): TemplateResult | typeof nothing {
    const now = this.#now?.body;
    if (this.#now?.state === "absent") return this.#absent(words);
    if (!now) return html`<div class="blocks" aria-hidden="true"><i></i><i></i><i></i></div>`;
    const context: Context = {
      words,
      format: this.#format as Format,
      connection: (this.#hass as Hass).connection,
      now,
      maySteer: this.maySteer,
      maySetUp: this.maySetUp,
      later: this.later,
      isFresh: this.#now?.state === "running" && !this.#isStale,
      busy: this.#steering.busy,
    };
    return html`<div class="page ${context.isFresh ? "" : "old"}">
      ${PAGES[page].render(context, this.#page?.watch.body)}
    </div>`;
  }

  #absent(words: Words): TemplateResult {
    return html`<div class="card">
      <h2>${words.t("state_absent")}</h2>
      <a class="button" href="/config/integrations/dashboard/add?domain=home_flex">${words.t("set_up")}</a>
    </div>`;
  }

  #toast(words: Words): TemplateResult {
    const { notice } = this;
    return html`<div class="toast ${notice ? "" : "none"}" role="status">
      ${notice
        ? html`<span>${notice.text}</span>${notice.undo
              ? html`<button @click=${() => notice.undo && this.#steering.do(notice.undo)}>${words.t("undo")}</button>`
              : nothing}`
        : nothing}
    </div>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        min-height: 100vh;
        min-height: 100dvh;
        background: var(--primary-background-color);
        padding-bottom: calc(72px + env(safe-area-inset-bottom));
      }
      header {
        position: sticky;
        top: 0;
        z-index: 3;
        display: flex;
        align-items: center;
        gap: 4px;
        min-height: var(--header-height, 56px);
        padding-block-start: env(safe-area-inset-top);
        padding-inline: 4px 16px;
        background: var(--app-header-background-color, var(--primary-background-color));
        color: var(--app-header-text-color, var(--primary-text-color));
        border-block-end: 1px solid var(--divider-color);
      }
      h1 {
        font-size: 1.25rem;
        font-weight: 500;
        margin: 0;
        margin-inline-start: 8px;
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .status {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        font-size: 0.8125rem;
        white-space: nowrap;
      }
      .dot {
        width: 9px;
        height: 9px;
        border-radius: 50%;
        border: 2px solid currentColor;
      }
      .live .dot {
        background: var(--success-color, #43a047);
        border-color: var(--success-color, #43a047);
      }
      nav {
        position: fixed;
        z-index: 3;
        inset: auto 0 0 0;
        display: flex;
        background: var(--card-background-color);
        border-block-start: 1px solid var(--divider-color);
        padding-bottom: env(safe-area-inset-bottom);
      }
      nav a {
        flex: 1;
        min-width: 0;
        min-height: 60px;
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: 2px;
        font-size: 0.75rem;
        color: var(--secondary-text-color);
        text-decoration: none;
      }
      /* On a phone there is room for five: this one is reached from the devices. */
      nav a.performance {
        display: none;
      }
      nav a > span:last-child {
        max-width: 100%;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      nav .icon {
        position: relative;
        display: grid;
        place-items: center;
        width: 56px;
        height: 28px;
        border-radius: 14px;
      }
      nav a[aria-current="page"] {
        color: var(--primary-text-color);
        font-weight: 500;
      }
      nav a[aria-current="page"] .icon {
        background: color-mix(in srgb, var(--primary-color) 22%, transparent);
      }
      .badge {
        position: absolute;
        inset-block-start: 1px;
        inset-inline-end: 12px;
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--error-color, #db4437);
      }
      main {
        max-width: 1200px;
        margin-inline: auto;
        padding: 12px;
      }
      .wall {
        max-width: none;
      }
      .page {
        transition: opacity 0.2s;
      }
      .page.old {
        opacity: 0.6;
      }
      .none {
        display: none;
      }
      .banner:not(.none) {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 12px 16px;
        margin-block-end: 12px;
        border-radius: var(--ha-card-border-radius, 12px);
      }
      .bad {
        background: color-mix(in srgb, var(--warning-color, #ffa600) 22%, var(--card-background-color));
      }
      .good {
        background: color-mix(in srgb, var(--success-color, #43a047) 22%, var(--card-background-color));
      }
      .blocks {
        display: grid;
        gap: 12px;
      }
      .blocks i {
        height: 150px;
        border-radius: 12px;
        background: var(--quiet);
      }
      .toast:not(.none) {
        position: fixed;
        z-index: 4;
        inset: auto 12px calc(72px + env(safe-area-inset-bottom)) 12px;
        margin-inline: auto;
        max-width: 560px;
        display: flex;
        align-items: center;
        gap: 12px;
        justify-content: space-between;
        padding-block: 10px;
        padding-inline: 16px 12px;
        border-radius: 12px;
        background: var(--primary-text-color);
        color: var(--primary-background-color);
        box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
      }
      .toast button {
        color: inherit;
        border-color: currentColor;
      }
      @media (min-width: 1000px) {
        .wall {
          zoom: 1.2;
        }
      }
      @media (min-width: 870px) {
        :host {
          padding-bottom: 24px;
        }
        nav {
          position: static;
          justify-content: center;
          gap: 8px;
          border: 0;
          border-block-end: 1px solid var(--divider-color);
        }
        nav a {
          flex: 0 0 auto;
          flex-direction: row;
          min-height: 52px;
          padding-inline: 12px;
          font-size: 0.9375rem;
          gap: 6px;
        }
        nav a.performance {
          display: flex;
        }
        nav .icon {
          width: 32px;
        }
        nav .badge {
          inset-inline-end: 0;
        }
        main {
          padding: 20px;
        }
        .toast:not(.none) {
          inset-block-end: 24px;
        }
      }
    `,
  ];
}
