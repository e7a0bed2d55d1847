import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { Doing } from "../asked";
import type { Context } from "../context";
import { consoleStyle } from "../style";
import { proofField } from "./proof";
import { failure, fieldsOf } from "./said";

/** Setting a second factor up, and taking it out of force; each once it was proven anew who one is. */
export class SecondFactor extends LitElement {
  static override properties = {
    context: { attribute: false },
    offered: { state: true },
    codes: { state: true },
  };
  declare context: Context;
  declare offered: { secret: string; uri: string; qr: string } | undefined;
  declare codes: string[] | undefined;

  readonly #doing = new Doing(this);

  #begin = async (event: SubmitEvent): Promise<void> => {
    const { password } = fieldsOf(event);
    const { api, account } = this.context;
    if (account.has_totp) {
      if (await this.#doing.run(() => api.post("/account/second-factor/removal", { password }))) this.#changed();
      return;
    }
    await this.#doing.run(async () => (this.offered = await api.post("/account/second-factor", { password })));
  };

  #confirm = async (event: SubmitEvent): Promise<void> => {
    const { code } = fieldsOf(event);
    await this.#doing.run(async () => {
      const answer = await this.context.api.post<{ recovery_codes: string[] }>("/account/second-factor/confirmation", { code });
      this.codes = answer.recovery_codes;
      this.offered = undefined;
      this.#changed();
    });
  };

  #changed(): void {
    this.dispatchEvent(new CustomEvent("account", { bubbles: true, composed: true }));
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    const { has_totp: has, passkeys } = this.context.account;
    return html`<section class="card stack">
      <h2>${t("second_factor")}</h2>
      <p>${t(has ? "second_factor_on" : passkeys ? "second_factor_beside" : "second_factor_off")}</p>
      ${has && !passkeys ? html`<p class="hint">${t("second_factor_last")}</p>` : nothing}
      ${this.codes
        ? html`<p class="done" role="status">${t("recovery_codes")}</p>
            <ul class="codes">
              ${this.codes.map((code) => html`<li><code>${code}</code></li>`)}
            </ul>`
        : nothing}
      ${this.offered ? this.#confirming(this.offered) : this.#asking(has)} ${failure(this.context, this.#doing)}
    </section>`;
  }

  #asking(has: boolean): TemplateResult {
    const { t } = this.context.words;
    return html`<form @submit=${this.#begin}>
      ${proofField(this.context)}
      <div class="actions">
        <button class=${has ? "" : "main"} ?disabled=${this.#doing.isBusy}>${t(has ? "second_factor_remove" : "second_factor_begin")}</button>
      </div>
    </form>`;
  }

  #confirming(offered: { secret: string; uri: string; qr: string }): TemplateResult {
    const { t } = this.context.words;
    return html`<p>${t("second_factor_scan")}</p>
      <p><img class="qr" src=${offered.qr} alt=${t("second_factor_qr")} width="224" height="224" /></p>
      <p>${t("second_factor_secret")}</p>
      <p><code class="secret">${offered.secret}</code></p>
      <p><a href=${offered.uri}>${t("second_factor_open")}</a></p>
      <form @submit=${this.#confirm}>
        <label>${t("second_factor_code")}<input name="code" required inputmode="numeric" autocomplete="one-time-code" /></label>
        <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("confirm")}</button></div>
      </form>`;
  }

  static override styles = [
    consoleStyle,
    css`
      .codes {
        display: grid;
        gap: 4px;
      }
      .qr {
        image-rendering: pixelated;
      }
      .secret {
        font-size: 1rem;
      }
    `,
  ];
}
