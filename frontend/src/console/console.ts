import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Format } from "../data/format";
import { Api, Refused } from "./api";
import { pageStyle } from "./console_style";
import { type Context, go, href, placeOf } from "./context";
import type { Account } from "./documents";
import { Feed } from "./feed";
import { PAGES, pagesOf } from "./pages";
import { refusal } from "./parts/said";
import { consoleStyle } from "./style";
import { keepLanguage, type Language, languageOf, LANGUAGES, Words } from "./words";

/** The console: who is signed in, its pages, and the one that the address names. */
export class HubConsole extends LitElement {
  static override properties = {
    words: { state: true },
    account: { state: true },
    place: { state: true },
    error: { state: true },
  };
  declare words: Words | undefined;
  /** Null: nobody is signed in. Undefined: not known yet. */
  declare account: Account | null | undefined;
  declare place: [string, ...string[]];
  declare error: unknown;

  readonly #api = new Api(() => this.#signedOut());
  #feed = new Feed();
  #context: Context | undefined;

  constructor() {
    super();
    this.place = placeOf(location.hash);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#moved);
    this.addEventListener("account", this.#changed);
    void this.#speak(languageOf(navigator.languages));
    void this.#look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#moved);
    this.removeEventListener("account", this.#changed);
    this.#feed.close();
  }

  async #speak(language: Language): Promise<void> {
    this.words = await Words.load(language);
    document.documentElement.lang = language;
    this.#context = undefined;
  }

  async #look(): Promise<void> {
    try {
      this.account = await this.#api.get<Account>("/account");
      this.error = undefined;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.#signedOut();
      else this.error = error;
    }
    this.#context = undefined;
  }

  #signedOut(): void {
    this.account = null;
    this.#feed.close();
    this.#feed = new Feed();
  }

  #moved = (): void => {
    this.place = placeOf(location.hash);
    window.scrollTo(0, 0);
  };

  #changed = (): void => void this.#look();

  #signOut = async (): Promise<void> => {
    await this.#api.delete("/sessions/current").catch(() => undefined);
    this.#signedOut();
    go("");
  };

  protected override render(): TemplateResult | typeof nothing {
    const { words, account } = this;
    if (!words) return nothing;
    if (account === undefined) {
      return this.error === undefined
        ? nothing
        : html`<main class="page failed">
            ${refusal(words, this.error)}
            <button @click=${() => this.#look()}>${words.t("again")}</button>
          </main>`;
    }
    if (account === null) {
      return html`<hc-sign-in .words=${words} .api=${this.#api} .code=${this.place[0] === "code" ? (this.place[1] ?? "") : undefined} .arrived=${this.place}></hc-sign-in>
        <footer>${this.#languages(words)}</footer>`;
    }
    return this.#signedIn(words, account);
  }

  /** The page that is shown stands within sight also where the menu is longer than the screen. */
  protected override updated(): void {
    const current = this.renderRoot.querySelector<HTMLElement>("nav a[aria-current]");
    const menu = current?.closest("nav");
    if (current && menu) menu.scrollLeft = current.offsetLeft - menu.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
  }

  #signedIn(words: Words, account: Account): TemplateResult {
    const names = pagesOf(account.role);
    const [asked, ...rest] = this.place;
    const name = names.find((each) => each === asked) ?? names[0] ?? "account";
    const format = new Format(
      { language: words.region, number_format: "language", time_format: "language" },
      undefined,
    );
    const kept = this.#context;
    const isSame = kept?.account === account && kept.words === words && kept.rest.join("/") === rest.join("/");
    const context = isSame ? kept : { words, format, api: this.#api, feed: this.#feed, account, rest };
    this.#context = context;
    document.title = `${words.t(`page_${name}`)} · ${words.t("product")}`;
    return html`<button class="skip" @click=${this.#skip}>${words.t("skip")}</button>
      <header>
        <span class="product">${words.t("product")}</span>
        <span class="who">${account.name}<small>${words.of("role", account.role)}</small></span>
        <button class="plain" @click=${this.#signOut}>${words.t("sign_out")}</button>
      </header>
      <nav aria-label=${words.t("pages")}>
        <ul>
          ${names.map(
            (each) => html`<li>
              <a href=${href(each)} aria-current=${each === name ? "page" : nothing}>${words.t(`page_${each}`)}</a>
            </li>`,
          )}
        </ul>
      </nav>
      <main tabindex="-1">
        ${account.leaving_since ? html`<p class="error">${words.t("leaving")}</p>` : nothing}
        ${PAGES[name].show(context)}
      </main>
      <footer>${this.#languages(words)}</footer>`;
  }

  #skip = (): void => this.renderRoot.querySelector<HTMLElement>("main")?.focus();

  #languages(words: Words): TemplateResult {
    return html`<label class="language">
      <span class="visually-hidden">${words.t("language")}</span>
      <select
        @change=${(event: Event) => {
          const language = (event.target as HTMLSelectElement).value as Language;
          keepLanguage(language);
          void this.#speak(language);
        }}
      >
        ${LANGUAGES.map((each) => html`<option value=${each} ?selected=${each === words.language}>${words.of("language", each)}</option>`)}
      </select>
    </label>`;
  }

  static override styles = [consoleStyle, pageStyle];
}
