import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context, Deed, Leaving } from "./context";
import { nowMs } from "./data/clock";
import type { Topic } from "./data/documents";
import type { Hass, Route } from "./data/home_assistant";
import { HomeLink } from "./data/home_link";
import { spokenTo } from "./data/language";
import { keepLater, readLater, withLater } from "./data/later";
import { Room } from "./data/room";
import type { SiteState } from "./data/watch";
import type { Words } from "./data/words";
import { PAGES, pageOf, type PageName } from "./pages";
import { panelStyle } from "./panel_style";
import { shared } from "./style";

const BACK_SHOWN_MS = 3_000;
const NOTICE_SHOWN_MS = 10_000;
/** A first word that takes longer than this is waited for in words. */
const SOON_S = 3;
/** From which page another is reached on a phone, where its menu has no room for that. */
const REACHED_FROM: Partial<Record<PageName, PageName>> = { performance: "devices" };
/** Why nothing new is heard, where that is known. */
const AWAY: SiteState[] = ["offline", "restarting", "failed", "disabled", "forbidden"];

interface Notice {
  text: string;
  undo?: Deed;
}

/** The panel: its bar, the page that the address names, and how its connection is. */
export class HomeFlexPanel extends LitElement {
  static override properties = {
    narrow: { type: Boolean },
    route: { attribute: false },
    later: { state: true },
    notice: { state: true },
    isBack: { state: true },
  };

  declare narrow: boolean;
  declare route: Route | undefined;
  declare later: ReadonlySet<string>;
  declare notice: Notice | undefined;
  declare isBack: boolean;

  #noticeEnds: ReturnType<typeof setTimeout> | undefined;
  #backEnds: ReturnType<typeof setTimeout> | undefined;
  #hasLater = false;
  readonly #room = new Room(this);
  readonly #home = new HomeLink(this, {
    topic: () => this.#topic(),
    done: ({ undo, ...deed }) => {
      if (undo) this.#say({ text: undo.said, undo: { ...deed, does: undo.does } });
      else this.notice = undefined;
    },
    refused: (text) => this.#say({ text }),
    back: () => this.#sayBack(),
  });

  constructor() {
    super();
    this.narrow = false;
    this.route = undefined;
    this.later = new Set();
    this.isBack = false;
  }

  set hass(hass: Hass) {
    this.#home.take(hass);
    if (!this.#hasLater && hass.connection.connected) void this.#readLater(hass);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("go", this.#go as EventListener);
    this.addEventListener("leave", this.#leave as EventListener);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#noticeEnds);
    clearTimeout(this.#backEnds);
    this.removeEventListener("go", this.#go as EventListener);
    this.removeEventListener("leave", this.#leave as EventListener);
  }

  async #readLater({ connection }: Hass): Promise<void> {
    this.#hasLater = true;
    try {
      this.later = await readLater(connection);
    } catch {
      // Asked again with the next change of any state.
      this.#hasLater = false;
    }
  }

  #sayBack(): void {
    clearTimeout(this.#backEnds);
    this.isBack = true;
    this.#backEnds = setTimeout(() => (this.isBack = false), BACK_SHOWN_MS);
  }

  #say(notice: Notice): void {
    clearTimeout(this.#noticeEnds);
    this.notice = notice;
    this.#noticeEnds = setTimeout(() => (this.notice = undefined), NOTICE_SHOWN_MS);
  }

  #leave = (event: CustomEvent<Leaving>): void => {
    this.later = withLater(this.later, event.detail.steps, event.detail.isLater);
    const { hass } = this.#home;
    // What is not kept is asked again on the next visit.
    if (hass) keepLater(hass.connection, this.later).catch(() => undefined);
  };

  #go = (event: CustomEvent<string>): void => this.#show(event.detail as PageName);

  #show(page: PageName, event?: Event): void {
    event?.preventDefault();
    history.pushState(null, "", `${this.route?.prefix ?? "/home-flex"}/${page}`);
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
  }

  #topic(): Topic {
    const { topic, beside } = PAGES[pageOf(this.route?.path)];
    return (this.#room.isThere && !this.#isWall && beside) || topic;
  }

  /** On a wall: what is now, large, and nothing that leads away from it. */
  get #isWall(): boolean {
    return pageOf(this.route?.path) === "now" && new URLSearchParams(location.search).has("wall");
  }

  /** The language of what is said here, which need not be that of Home Assistant around it. */
  get #language(): string {
    return spokenTo(this.#home.hass?.locale.language ?? "");
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words, hass, now } = this.#home;
    if (!words || !hass) return nothing;
    const page = pageOf(this.route?.path);
    const isWall = this.#isWall;
    return html`
      <header>
        ${isWall ? nothing : html`<ha-menu-button .hass=${hass} .narrow=${this.narrow}></ha-menu-button>`}
        <h1>${now?.home ?? words.t("title")}</h1>
        ${this.#status(words)}
      </header>
      ${isWall ? nothing : this.#nav(words, page)}
      <main class=${isWall ? "wall" : ""} lang=${this.#language} dir="ltr">${this.#banner(words)} ${this.#body(words, page)}</main>
      ${this.#toast(words)}
    `;
  }

  #status(words: Words): TemplateResult {
    const isLive = this.#home.isFresh;
    return html`<span class="status ${isLive ? "live" : ""}" lang=${this.#language}>
      <span class="dot" aria-hidden="true"></span>${words.t(isLive ? "live" : "not_live")}
    </span>`;
  }

  #nav(words: Words, page: PageName): TemplateResult {
    const asked = this.#home.now?.event;
    return html`<nav aria-label=${words.t("pages")} lang=${this.#language}>
      ${Object.entries(PAGES).map(([name, { icon }]) => icon === null ? nothing : html`<a
          href="${this.route?.prefix ?? "/home-flex"}/${name}"
          class="${name} ${name === REACHED_FROM[page] ? "from" : ""}"
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
    const { state, isStale, silentS, now, format } = this.#home;
    if (AWAY.includes(state)) return words.t(`state_${state}`);
    if (state === "connecting" && silentS > SOON_S) return words.t("state_connecting");
    if (state !== "running") return undefined;
    if (isStale) return words.t("state_stale", { age: format?.number(Math.round(silentS)) ?? "" });
    return now?.control_fails ? words.t("state_control_fails") : undefined;
  }

  #body(words: Words, page: PageName): TemplateResult | typeof nothing {
    const { state, may, document } = this.#home;
    if (state === "absent") return this.#absent(words);
    const context = this.#home.context({ maySetUp: may.may_set_up, later: this.later });
    if (!context) {
      return state === "forbidden" ? nothing : html`<div class="blocks" aria-hidden="true"><i></i><i></i><i></i></div>`;
    }
    return html`${this.#elsewhere(context)}<div class="page ${context.isFresh ? "" : "old"}">
      ${PAGES[page].render(context, document)}
    </div>`;
  }

  /** Says whose times are shown to who looks from another time zone. */
  #elsewhere({ words, format }: Context): TemplateResult | typeof nothing {
    if (!this.#home.isElsewhere) return nothing;
    return html`<p class="elsewhere quiet">${words.t("times_of_home", { time: format.time(new Date(nowMs())) })}</p>`;
  }

  #absent(words: Words): TemplateResult {
    return html`<div class="card">
      <h2>${words.t("state_absent")}</h2>
      <a class="button" href="/config/integrations/dashboard/add?domain=home_flex">${words.t("set_up")}</a>
    </div>`;
  }

  #toast(words: Words): TemplateResult {
    const { notice } = this;
    return html`<div class="toast ${notice ? "" : "none"}" role="status" lang=${this.#language} dir="ltr">
      ${notice
        ? html`<span>${notice.text}</span>${notice.undo
              ? html`<button @click=${() => notice.undo && this.#home.steering.do(notice.undo)}>${words.t("undo")}</button>`
              : nothing}`
        : nothing}
    </div>`;
  }

  static override styles = [shared, panelStyle];
}
