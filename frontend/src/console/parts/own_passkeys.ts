import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Passkey } from "../documents";
import { hasPasskeys, madePasskey, signedByPasskey } from "../passkeys";
import { consoleStyle } from "../style";
import { proofField } from "./proof";
import { empty, failure, fieldsOf, shown, table } from "./said";

/** One's passkeys: adding by a proof and the second factor, and removing by a proof. */
export class OwnPasskeys extends LitElement {
  static override properties = {
    context: { attribute: false },
    removing: { state: true },
    codes: { state: true },
    said: { state: true },
  };
  declare context: Context;
  declare removing: Passkey | undefined;
  /** Shown once, with the first second factor. */
  declare codes: readonly string[];
  declare said: "passkey_added" | "passkey_removed" | "second_factor_gone" | undefined;

  readonly #passkeys = new Asked<Passkey[]>(this, ({ api }) => api.get("/account/passkeys"));
  readonly #adding = new Doing(this);
  readonly #removal = new Doing(this);

  constructor() {
    super();
    this.codes = [];
  }

  #add = async (event: SubmitEvent): Promise<void> => {
    const form = event.target as HTMLFormElement;
    const { name, password, code } = fieldsOf(event);
    const { api, account } = this.context;
    this.said = undefined;
    const isAdded = await this.#adding.run(async () => {
      const passkey = account.passkeys && !code ? await signedByPasskey(api) : null;
      const proof = { password, code: code || null, passkey };
      const options = await api.post<PublicKeyCredentialCreationOptionsJSON>("/account/passkeys/challenge", proof);
      const credential = await madePasskey(options);
      const added = await api.post<{ recovery_codes: string[] }>("/account/passkeys", { name, credential });
      this.codes = added.recovery_codes;
    });
    if (!isAdded) return;
    this.said = "passkey_added";
    form.reset();
    await this.#changed();
  };

  #remove = async (event: SubmitEvent): Promise<void> => {
    const { password } = fieldsOf(event);
    const id = this.removing?.id ?? "";
    const isRemoved = await this.#removal.run(async () => {
      const left = await this.context.api.post<{ has_second_factor: boolean }>(`/account/passkeys/${id}/removal`, { password });
      this.said = left.has_second_factor ? "passkey_removed" : "second_factor_gone";
    });
    if (!isRemoved) return;
    this.removing = undefined;
    this.codes = [];
    await this.#changed();
  };

  async #changed(): Promise<void> {
    await this.#passkeys.refresh();
    this.dispatchEvent(new CustomEvent("account", { bubbles: true, composed: true }));
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<section class="card stack">
      <h2>${t("passkeys")}</h2>
      <p class="hint">${t("passkeys_hint")}</p>
      <p role="status" class=${this.said ? "done" : ""}>${this.said ? t(this.said) : nothing}</p>
      ${this.codes.length
        ? html`<p class="done">${t("recovery_codes")}</p>
            <ul>
              ${this.codes.map((code) => html`<li><code>${code}</code></li>`)}
            </ul>`
        : nothing}
      ${shown(this.context, this.#passkeys, (passkeys) => (passkeys.length ? this.#list(passkeys) : empty(t("passkeys_none"))))}
      ${this.removing ? this.#asking(this.removing) : nothing}
      ${hasPasskeys() ? this.#form() : html`<p>${t("passkeys_not_here")}</p>`}
    </section>`;
  }

  #form(): TemplateResult {
    const { account, words } = this.context;
    const { t } = words;
    return html`<details>
      <summary>${t("passkey_add")}</summary>
      <form @submit=${this.#add}>
        <label>${t("passkey_name")}<input name="name" required maxlength="128" autocomplete="off" /></label>
        ${proofField(this.context)}
        ${account.has_second_factor
          ? html`<label
              >${t("second_factor")}<small>${t(account.passkeys ? "passkey_or_code" : "second_factor_code")}</small
              ><input name="code" ?required=${!account.passkeys} autocomplete="one-time-code" spellcheck="false"
            /></label>`
          : nothing}
        ${failure(this.context, this.#adding)}
        <div class="actions"><button class="main" ?disabled=${this.#adding.isBusy}>${t("passkey_add")}</button></div>
      </form>
    </details>`;
  }

  #asking(passkey: Passkey): TemplateResult {
    const { account, words } = this.context;
    const { t } = words;
    const isLast = account.passkeys === 1 && !account.has_totp;
    return html`<form @submit=${this.#remove}>
      ${isLast ? html`<p class="error">${t("second_factor_last")}</p>` : nothing}
      ${proofField(this.context)} ${failure(this.context, this.#removal)}
      <div class="actions">
        <button type="button" @click=${() => (this.removing = undefined)}>${t("back")}</button>
        <button class="main" ?disabled=${this.#removal.isBusy}>${t("passkey_remove_of", { name: passkey.name })}</button>
      </div>
    </form>`;
  }

  #list(passkeys: Passkey[]): TemplateResult {
    const { format, words } = this.context;
    return table(
      words.t("passkeys"),
      [{ name: words.t("name"), text: true }, { name: words.t("last_used"), text: true }, { name: words.t("passkey_remove") }],
      passkeys.map(
        (passkey) => html`<tr>
          <th scope="row">${passkey.name}<small>${words.t("passkey_since", { date: format.date(passkey.created_at) })}</small></th>
          <td class="text">${passkey.last_used_at ? format.date(passkey.last_used_at) : words.t("never")}</td>
          <td>
            <button class="plain" aria-label=${words.t("passkey_remove_of", { name: passkey.name })} @click=${() => (this.removing = passkey)}>
              ${words.t("passkey_remove")}
            </button>
          </td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
