import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context, Deed, Leaving } from "./context";
import { nowMs } from "./data/clock";
import type { Topic } from "./data/documents";
import { Format } from "./data/format";
import type { Hass, Route } from "./data/home_assistant";
import { keepLater, readLater, withLater } from "./data/later";
import { mayDo, Steering } from "./data/steering";
import { type SiteState, Watch } from "./data/watch";
import { Words } from "./data/words";
import { PAGES, pageOf, type PageName } from "./pages";
import { panelStyle } from "./panel_style";
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
  #isElsewhere = false;
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
      this.#isElsewhere = this.#format.isElsewhere(new Date());
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
      clicked: this.#steering.clicked,
    };
    return html`${this.#elsewhere(words)}<div class="page ${context.isFresh ? "" : "old"}">
      ${PAGES[page].render(context, this.#page?.watch.body)}
    </div>`;
  }

  /** Says whose times are shown to who looks from another time zone. */
  #elsewhere(words: Words): TemplateResult | typeof nothing {
    if (!this.#isElsewhere) return nothing;
    const time = this.#format?.time(new Date(nowMs())) ?? "";
    return html`<p class="elsewhere quiet">${words.t("times_of_home", { time })}</p>`;
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

  static override styles = [shared, panelStyle];
}
