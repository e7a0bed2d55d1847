import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Refused } from "../api";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Identity } from "../documents";
import { consoleStyle } from "../style";
import { proofField } from "./proof";
import { goToProvider } from "./providers";
import { empty, failure, fieldsOf, refusal, shown } from "./said";

/** Which providers vouch for one: linked and unlinked, and asked to vouch anew. */
export class Identities extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #identities = new Asked<Identity[]>(this, ({ api }) => api.get("/account/identities"));
  readonly #doing = new Doing(this);

  #link = (event: CustomEvent<string>): void => {
    const form = this.renderRoot.querySelector<HTMLFormElement>("form.link");
    if (!form?.reportValidity()) return;
    const password = new FormData(form).get("password");
    void this.#doing.run(() => goToProvider(this.context.api, event.detail, "link", { password }));
  };

  #prove(provider: string): void {
    void this.#doing.run(() => goToProvider(this.context.api, provider, "proof"));
  }

  #unlink = async (event: SubmitEvent, identity: Identity): Promise<void> => {
    const { password } = fieldsOf(event);
    await this.#doing.run(async () => {
      await this.context.api.post(`/account/identities/${identity.id}/removal`, { password });
      await this.#identities.refresh();
    });
  };

  protected override render(): TemplateResult {
    const { api, rest, words } = this.context;
    const { t } = words;
    const [word, slug] = rest;
    return html`<section class="card stack">
      <h2>${t("identities")}</h2>
      <p class="hint">${t("identities_hint")}</p>
      ${word === "refused" && slug ? refusal(words, new Refused(403, slug, slug)) : nothing} ${failure(this.context, this.#doing)}
      ${shown(this.context, this.#identities, (found) => (found.length ? found.map((each) => this.#row(each)) : empty(t("identities_none"))))}
      <details>
        <summary>${t("identity_link")}</summary>
        <form class="link" @submit=${fieldsOf}>
          ${proofField(this.context)}
          <hc-providers .words=${words} .api=${api} .label=${"identity_link_at"} .isBusy=${this.#doing.isBusy} @provider=${this.#link}></hc-providers>
        </form>
      </details>
    </section>`;
  }

  #row(identity: Identity): TemplateResult {
    const { format, words } = this.context;
    const { t } = words;
    const { provider, title } = identity;
    return html`<div class="stack">
      <p>
        <strong>${title}</strong><small>${t("identity_since", { date: format.date(identity.linked_at) })}</small>
      </p>
      ${provider
        ? html`<div class="actions">
            <button ?disabled=${this.#doing.isBusy} @click=${() => this.#prove(provider)}>${t("identity_prove", { provider: title })}</button>
          </div>`
        : nothing}
      <details>
        <summary>${t("identity_unlink")}</summary>
        <form @submit=${(event: SubmitEvent) => this.#unlink(event, identity)}>
          ${proofField(this.context)}
          <div class="actions"><button ?disabled=${this.#doing.isBusy}>${t("identity_unlink_of", { provider: title })}</button></div>
        </form>
      </details>
    </div>`;
  }

  static override styles = consoleStyle;
}
