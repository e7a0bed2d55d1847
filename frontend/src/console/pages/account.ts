import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Doing } from "../asked";
import type { Context } from "../context";
import { proofField } from "../parts/proof";
import { failure, fieldsOf } from "../parts/said";
import { saved } from "../saved";
import { consoleStyle } from "../style";

const SHORTEST = 12;

/** One's own account: passkeys, second factor, password, data, and leaving. */
export class AccountPage extends LitElement {
  static override properties = { context: { attribute: false }, isDone: { state: true } };
  declare context: Context;
  declare isDone: boolean;

  readonly #password = new Doing(this);
  readonly #leaving = new Doing(this);
  readonly #other = new Doing(this);

  constructor() {
    super();
    this.isDone = false;
  }

  #setPassword = async (event: SubmitEvent): Promise<void> => {
    const form = event.target as HTMLFormElement;
    const { password, new_password } = fieldsOf(event);
    this.isDone = await this.#password.run(() => this.context.api.post("/account/password", { password, new_password }));
    if (!this.isDone) return;
    form.reset();
    this.#changed();
  };

  #leave = async (event: SubmitEvent): Promise<void> => {
    const { password } = fieldsOf(event);
    if (await this.#leaving.run(() => this.context.api.post("/account/leave", { password }))) this.#changed();
  };

  #stay = async (): Promise<void> => {
    if (await this.#leaving.run(() => this.context.api.post("/account/stay"))) this.#changed();
  };

  #export = (): void => void this.#other.run(async () => saved("my-data.json", await this.context.api.get("/account/export")));

  #signOutEverywhere = async (): Promise<void> => {
    if (await this.#other.run(() => this.context.api.delete("/sessions"))) this.#changed();
  };

  #changed(): void {
    this.dispatchEvent(new CustomEvent("account", { bubbles: true, composed: true }));
  }

  protected override render(): TemplateResult {
    const { account, words } = this.context;
    const { t } = words;
    return html`<div class="page">
      <h1>${t("page_account")}</h1>
      <p class="quiet">${account.name} · ${account.email} · ${words.of("role", account.role)}</p>
      <div class="beside two">
        <div class="page">
          <hc-own-passkeys .context=${this.context}></hc-own-passkeys>
          <hc-second-factor .context=${this.context}></hc-second-factor>
          <hc-identities .context=${this.context}></hc-identities>
          <section class="card">
            <h2>${t("password_change")}</h2>
            <form @submit=${this.#setPassword}>
              ${proofField(this.context, "password_now")}
              <label
                >${t("new_password")}<small>${t("password_hint", { least: SHORTEST })}</small
                ><input name="new_password" type="password" required minlength=${SHORTEST} autocomplete="new-password"
              /></label>
              ${failure(this.context, this.#password)} ${this.isDone ? html`<p class="done" role="status">${t("password_done")}</p>` : nothing}
              <div class="actions"><button class="main" ?disabled=${this.#password.isBusy}>${t("set_password")}</button></div>
            </form>
          </section>
        </div>
        <div class="page">
          <section class="card stack">
            <h2>${t("data")}</h2>
            <p>${t("data_hint")}</p>
            ${failure(this.context, this.#other)}
            <div class="actions">
              <button @click=${this.#signOutEverywhere}>${t("sign_out_everywhere")}</button>
              <button @click=${this.#export}>${t("data_take")}</button>
            </div>
          </section>
          ${account.role === "household" && !account.leaving_since ? html`<hc-own-mail .context=${this.context}></hc-own-mail>` : nothing}
          <section class="card stack">
            <h2>${t("leave")}</h2>
            <p>${t(account.leaving_since ? "leaving" : "leave_hint")}</p>
            ${account.leaving_since
              ? html`<div class="actions"><button class="main" @click=${this.#stay}>${t("stay")}</button></div>`
              : html`<form @submit=${this.#leave}>
                  ${proofField(this.context)}
                  <div class="actions"><button ?disabled=${this.#leaving.isBusy}>${t("leave")}</button></div>
                </form>`}
            ${failure(this.context, this.#leaving)}
          </section>
        </div>
      </div>
    </div>`;
  }

  static override styles = consoleStyle;
}
