import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { MailWish, MailWishes } from "../documents";
import { consoleStyle } from "../style";
import { failure, fieldsOf, shown } from "./said";

/** Mail about what came of invitations: off until a resident wishes it of a home, and off again by a word. */
export class OwnMail extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #wishes = new Asked<MailWishes>(this, ({ api }) => api.get("/account/mail"));
  readonly #doing = new Doing(this);

  #do(deed: () => Promise<unknown>): void {
    void this.#doing.run(async () => {
      await deed();
      await this.#wishes.refresh();
    });
  }

  #wish(event: SubmitEvent, venId: string, text: string): void {
    const { from: quiet_from = "", until: quiet_until = "" } = fieldsOf(event);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const body = { language: this.context.words.language, zone, quiet_from, quiet_until, text };
    this.#do(() => this.context.api.put(this.#path(venId), body));
  }

  #path(venId: string): string {
    return `/account/mail/${encodeURIComponent(venId)}`;
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<section class="card stack">
      <h2>${t("mail")}</h2>
      ${failure(this.context, this.#doing)}
      ${shown(this.context, this.#wishes, (told) =>
        told.is_sent
          ? told.homes.map(({ ven_id, name, wish }) => (wish ? this.#wished(name, wish) : this.#form(ven_id, name, told.email)))
          : html`<p class="quiet">${t("mail_not_sent")}</p>`,
      )}
    </section>`;
  }

  #wished(name: string, wish: MailWish): TemplateResult {
    const { words, api } = this.context;
    const end = (): void => this.#do(() => api.delete(this.#path(wish.ven_id)));
    const quiet = wish.quiet_from === wish.quiet_until ? nothing : words.t("mail_quiet", { from: wish.quiet_from, until: wish.quiet_until });
    return html`<p>${words.t("mail_on", { home: name })} ${quiet}</p>
      <div class="actions"><button ?disabled=${this.#doing.isBusy} @click=${end}>${words.t("mail_end")}</button></div>`;
  }

  #form(venId: string, name: string, email: string): TemplateResult {
    const { t } = this.context.words;
    const text = t("mail_text", { home: name, email });
    return html`<details>
      <summary>${t("mail_wish", { home: name })}</summary>
      <form @submit=${(event: SubmitEvent) => this.#wish(event, venId, text)}>
        <div class="fields">
          <label>${t("mail_quiet_from")}<input name="from" type="time" required value="21:00" /></label>
          <label>${t("mail_quiet_until")}<input name="until" type="time" required value="08:00" /></label>
        </div>
        <blockquote>${text}</blockquote>
        <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("consent_agree")}</button></div>
      </form>
    </details>`;
  }

  static override styles = consoleStyle;
}
