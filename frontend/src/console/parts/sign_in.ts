import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { type Api, Refused } from "../api";
import { Doing } from "../asked";
import { go } from "../context";
import { hasPasskeys, signedByPasskey } from "../passkeys";
import { consoleStyle } from "../style";
import type { Key, Words } from "../words";
import { goToProvider } from "./providers";
import { fieldsOf, refusal } from "./said";

const SHORTEST = 12;

/** Signing in, here or at a provider, and setting a password by a code: of an invitation, a recovery or the first start. */
export class SignIn extends LitElement {
  static override properties = {
    words: { attribute: false },
    api: { attribute: false },
    code: { attribute: false },
    arrived: { attribute: false },
    withCode: { state: true },
    isSet: { state: true },
  };
  declare words: Words;
  declare api: Api;
  /** The code that the address names; undefined without. */
  declare code: string | undefined;
  /** Where the address leads: `second-factor` and `refused` are how a provider's sign-in goes on. */
  declare arrived: readonly string[];
  declare withCode: boolean;
  declare isSet: boolean;

  readonly #doing = new Doing(this);

  constructor() {
    super();
    this.withCode = false;
    this.isSet = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.withCode = this.code !== undefined;
  }

  #signIn = async (event: SubmitEvent): Promise<void> => {
    const { email, password, code } = fieldsOf(event);
    await this.#enter(() => this.api.post("/sessions", { email, password, code: code || null }));
  };

  #signInByPasskey = (): Promise<void> =>
    this.#enter(async () => this.api.post("/sessions/passkey", { credential: await signedByPasskey(this.api) }));

  async #enter(deed: () => Promise<unknown>): Promise<void> {
    if (await this.#doing.run(deed)) this.dispatchEvent(new CustomEvent("account", { bubbles: true, composed: true }));
  }

  #redeem = async (event: SubmitEvent): Promise<void> => {
    const { code, password, email, name } = fieldsOf(event);
    const body = { code, password, email: email || null, name: name || null };
    if (!(await this.#doing.run(() => this.api.post("/codes/redeem", body)))) return;
    this.withCode = false;
    this.isSet = true;
  };

  #atProvider = (event: CustomEvent<string>): void => void this.#doing.run(() => goToProvider(this.api, event.detail, "sign-in"));

  #joinAtProvider = (event: CustomEvent<string>): void => {
    const code = this.renderRoot.querySelector<HTMLInputElement>("input[name=code]");
    if (code?.reportValidity()) void this.#doing.run(() => goToProvider(this.api, event.detail, "join", { code: code.value.trim() }));
  };

  #showCode = (event: SubmitEvent): void => {
    const { code } = fieldsOf(event);
    void this.#showSecondFactor(() => Promise.resolve({ code }));
  };

  #showPasskey = (): Promise<void> => this.#showSecondFactor(async () => ({ passkey: await signedByPasskey(this.api) }));

  #showSecondFactor(shown: () => Promise<unknown>): Promise<void> {
    return this.#enter(async () => {
      await this.api.post("/openid-connect/second-factor", await shown());
      go("");
    });
  }

  #turn(withCode: boolean): void {
    this.#doing.error = undefined;
    this.withCode = withCode;
    this.isSet = false;
  }

  protected override render(): TemplateResult {
    const { t } = this.words;
    const [word, slug] = this.arrived;
    const owes = word === "second-factor";
    return html`<main class="card">
      <p class="product">${t("product")}</p>
      <h1>${t(this.withCode ? "code_title" : "sign_in_title")}</h1>
      ${word === "refused" && slug ? refusal(this.words, new Refused(403, slug, slug)) : nothing}
      ${this.withCode ? this.#codeForm() : owes ? this.#owedForm() : this.#form()}
    </main>`;
  }

  #owedForm(): TemplateResult {
    const { t } = this.words;
    return html`<form @submit=${this.#showCode}>
        <label
          >${t("second_factor")}<small>${t("second_factor_owed")}</small
          ><input name="code" required inputmode="text" autocomplete="one-time-code" spellcheck="false"
        /></label>
        ${refusal(this.words, this.#doing.error)}
        <button class="main" ?disabled=${this.#doing.isBusy}>${t("sign_in")}</button>
      </form>
      ${hasPasskeys()
        ? html`<button ?disabled=${this.#doing.isBusy} @click=${this.#showPasskey}>${t("passkey_sign_in")}</button>`
        : nothing}
      <button class="plain" @click=${() => go("")}>${t("back")}</button>`;
  }

  #providers(label: Key, chosen: (event: CustomEvent<string>) => void): TemplateResult {
    return html`<hc-providers .words=${this.words} .api=${this.api} .label=${label} .isBusy=${this.#doing.isBusy} @provider=${chosen}></hc-providers>`;
  }

  #form(): TemplateResult {
    const { t } = this.words;
    return html`${this.isSet ? html`<p class="done" role="status">${t("code_done")}</p>` : nothing}
      <form @submit=${this.#signIn}>
        <label>${t("email")}<input name="email" type="email" required autocomplete="username" /></label>
        <label>${t("password")}<input name="password" type="password" required autocomplete="current-password" /></label>
        <label
          >${t("second_factor")}<small>${t("second_factor_hint")}</small
          ><input name="code" inputmode="text" autocomplete="one-time-code" spellcheck="false"
        /></label>
        ${refusal(this.words, this.#doing.error)}
        <button class="main" ?disabled=${this.#doing.isBusy}>${t("sign_in")}</button>
      </form>
      ${hasPasskeys()
        ? html`<button ?disabled=${this.#doing.isBusy} @click=${this.#signInByPasskey}>${t("passkey_sign_in")}</button>`
        : nothing}
      ${this.#providers("sign_in_at", this.#atProvider)}
      <button class="plain" @click=${() => this.#turn(true)}>${t("have_code")}</button>`;
  }

  #codeForm(): TemplateResult {
    const { t } = this.words;
    return html`<form @submit=${this.#redeem}>
        <label>${t("code")}<input name="code" required autocomplete="off" spellcheck="false" .value=${this.code ?? ""} /></label>
        <label
          >${t("new_password")}<small>${t("password_hint", { least: SHORTEST })}</small
          ><input name="password" type="password" required minlength=${SHORTEST} autocomplete="new-password"
        /></label>
        <details>
          <summary>${t("first_operator")}</summary>
          <div class="stack">
            <label>${t("email")}<input name="email" type="email" autocomplete="username" /></label>
            <label>${t("name")}<input name="name" autocomplete="name" /></label>
          </div>
        </details>
        ${refusal(this.words, this.#doing.error)}
        <button class="main" ?disabled=${this.#doing.isBusy}>${t("set_password")}</button>
      </form>
      ${this.#providers("join_at", this.#joinAtProvider)}
      <button class="plain" @click=${() => this.#turn(false)}>${t("back")}</button>`;
  }

  static override styles = [
    consoleStyle,
    css`
      :host {
        display: grid;
        place-items: center;
        padding: 24px 16px;
      }
      main {
        width: min(400px, 100%);
        display: grid;
        gap: 16px;
        padding: 24px;
      }
      .product {
        font-weight: 700;
        color: var(--primary-color);
      }
    `,
  ];
}
