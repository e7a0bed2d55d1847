import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Token } from "../documents";
import { consoleStyle } from "../style";
import { empty, failure, fieldsOf, shown, table } from "./said";

const DAY_S = 86_400;
const LONGEST_DAYS = 366;

/** What speaks for people within scopes: made, shown once, and revoked. The operator sees everybody's. */
export class OwnTokens extends LitElement {
  static override properties = { context: { attribute: false }, made: { state: true } };
  declare context: Context;
  /** The token that is shown once. */
  declare made: (Token & { token: string }) | undefined;

  readonly #tokens = new Asked<Token[]>(this, ({ api }) => api.get("/tokens"));
  readonly #doing = new Doing(this);

  #make = async (event: SubmitEvent): Promise<void> => {
    const form = event.target as HTMLFormElement;
    const { name, days = "" } = fieldsOf(event);
    const scopes = new FormData(form).getAll("scope");
    await this.#doing.run(async () => {
      this.made = await this.context.api.post("/tokens", { name, scopes, lifetime_s: Number(days) * DAY_S });
      form.reset();
      await this.#tokens.refresh();
    });
  };

  #revoke(token: Token): void {
    void this.#doing.run(async () => {
      await this.context.api.delete(`/tokens/${token.id}`);
      await this.#tokens.refresh();
    });
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<section class="card stack">
      <h2>${t("tokens")}</h2>
      <p class="hint">${t("tokens_hint")}</p>
      ${failure(this.context, this.#doing)}
      ${this.made
        ? html`<div class="done stack" role="status">
            <p>${t("shown_once", { name: this.made.name })}</p>
            <p><code>${this.made.token}</code></p>
          </div>`
        : nothing}
      ${shown(this.context, this.#tokens, (tokens) => (tokens.length ? this.#list(tokens) : empty(t("tokens_none"))))}
      <details>
        <summary>${t("token_make")}</summary>
        <form @submit=${this.#make}>
          <label>${t("name")}<input name="name" required maxlength="128" autocomplete="off" /></label>
          <label>${t("token_days")}<input name="days" type="number" required min="1" max=${LONGEST_DAYS} value="30" /></label>
          <label
            >${t("scopes")}<small>${t("scopes_hint")}</small
            ><select name="scope" multiple required size="8">
              ${(this.context.account.scopes ?? []).map((scope) => html`<option value=${scope}>${scope}</option>`)}
            </select></label
          >
          <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("token_make")}</button></div>
        </form>
      </details>
    </section>`;
  }

  #list(tokens: Token[]): TemplateResult {
    const { format, words } = this.context;
    return table(
      words.t("tokens"),
      [
        { name: words.t("name"), text: true },
        { name: words.t("scopes"), text: true, wide: true },
        { name: words.t("last_used"), text: true, wide: true },
        { name: words.t("revoke") },
      ],
      tokens.map(
        (token) => html`<tr>
          <th scope="row">${token.name}<small>${words.t("until", { date: format.date(token.expires_at) })}</small></th>
          <td class="text wide">${token.scopes.join(", ")}</td>
          <td class="text wide">${token.last_used_at ? format.date(token.last_used_at) : words.t("never")}</td>
          <td>
            ${token.revoked_at
              ? words.t("revoked")
              : html`<button class="plain" ?disabled=${this.#doing.isBusy} aria-label=${words.t("revoke_of", { name: token.name })} @click=${() => this.#revoke(token)}>
                  ${words.t("revoke")}
                </button>`}
          </td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
