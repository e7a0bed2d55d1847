import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Client } from "../documents";
import { consoleStyle } from "../style";
import { empty, failure, fieldsOf, shown, table } from "./said";

/** What a VEN needs, and no more; the last is what lets a program see all there is. */
const VEN_SCOPES = ["read_targets", "read_ven_objects", "write_reports", "write_subscriptions", "write_vens"];
const BUSINESS_SCOPES = ["read_all", "write_programs", "write_events", "write_subscriptions", "write_vens"];

/** Programs that the VTN lets in: VENs, and the logic of a business. */
export class Clients extends LitElement {
  static override properties = { context: { attribute: false }, made: { state: true } };
  declare context: Context;
  /** The client whose secret is shown once. */
  declare made: (Client & { client_secret: string }) | undefined;

  readonly #clients = new Asked<Client[]>(this, ({ api }) => api.get("/clients"));
  readonly #doing = new Doing(this);

  #make = async (event: SubmitEvent): Promise<void> => {
    const form = event.target as HTMLFormElement;
    const { name, kind } = fieldsOf(event);
    const scopes = kind === "business" ? BUSINESS_SCOPES : VEN_SCOPES;
    await this.#doing.run(async () => {
      this.made = await this.context.api.post("/clients", { name, scopes });
      form.reset();
      await this.#clients.refresh();
    });
  };

  #revoke(client: Client): void {
    void this.#doing.run(async () => {
      await this.context.api.delete(`/clients/${client.client_id}`);
      await this.#clients.refresh();
    });
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<section class="card stack">
      <h2>${t("clients")}</h2>
      <p class="hint">${t("clients_hint")}</p>
      ${failure(this.context, this.#doing)}
      ${this.made
        ? html`<div class="done stack" role="status">
            <p>${t("shown_once", { name: this.made.name })}</p>
            <p><code>${this.made.client_id}</code></p>
            <p><code>${this.made.client_secret}</code></p>
          </div>`
        : nothing}
      ${shown(this.context, this.#clients, (clients) => (clients.length ? this.#list(clients) : empty(t("clients_none"))))}
      <details>
        <summary>${t("client_admit")}</summary>
        <form @submit=${this.#make}>
          <label>${t("name")}<input name="name" required maxlength="128" autocomplete="off" /></label>
          <label
            >${t("client_kind")}<select name="kind">
              <option value="ven">${t("client_ven")}</option>
              <option value="business">${t("client_business")}</option>
            </select></label
          >
          <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("client_admit")}</button></div>
        </form>
      </details>
    </section>`;
  }

  #list(clients: Client[]): TemplateResult {
    const { words } = this.context;
    return table(
      words.t("clients"),
      [{ name: words.t("name"), text: true }, { name: words.t("scopes"), text: true, wide: true }, { name: words.t("revoke") }],
      clients.map(
        (client) => html`<tr>
          <th scope="row">${client.name}<small><code>${client.client_id}</code></small></th>
          <td class="text wide">${client.scopes.join(", ")}</td>
          <td>
            ${client.revoked_at
              ? words.t("revoked")
              : html`<button class="plain" ?disabled=${this.#doing.isBusy} aria-label=${words.t("revoke_of", { name: client.name })} @click=${() => this.#revoke(client)}>
                  ${words.t("revoke")}
                </button>`}
          </td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
