import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Account } from "../documents";
import { consoleStyle } from "../style";
import { failure, fieldsOf } from "./said";

const NEW = "new";

/** Lets a home join, with its household: one that is there, or one that is invited along with it. */
export class HomeForm extends LitElement {
  static override properties = {
    context: { attribute: false },
    owner: { state: true },
    code: { state: true },
  };
  declare context: Context;
  declare owner: string;
  declare code: string | undefined;

  readonly #doing = new Doing(this);
  readonly #households = new Asked<Account[]>(this, async ({ api }) =>
    (await api.get<Account[]>("/people")).filter(({ role }) => role === "household"),
  );

  constructor() {
    super();
    this.owner = NEW;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  #close = (): void => void this.dispatchEvent(new CustomEvent("closed"));

  #add = async (event: SubmitEvent): Promise<void> => {
    const { ven_id, name, feeder, postcode, email, person } = fieldsOf(event);
    const { api } = this.context;
    const isDone = await this.#doing.run(async () => {
      let owner_id = this.owner;
      let code: string | undefined;
      if (this.owner === NEW) {
        const invited = await api.post<Account & { code: string }>("/people", { email, name: person, role: "household" });
        [owner_id, code] = [invited.id, invited.code];
        // A home that is refused after this can be tried again with the household that is there now.
        this.owner = owner_id;
        this.code = code;
        await this.#households.refresh();
      }
      await api.post("/homes", { ven_id, name, owner_id, feeder: feeder || null, postcode: postcode || null });
      this.dispatchEvent(new CustomEvent("added"));
    });
    if (isDone && this.code === undefined) this.#close();
  };

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<dialog aria-labelledby="title" @close=${this.#close}>
      <h2 id="title">${t("home_add")}</h2>
      ${this.code === undefined ? this.#form() : this.#invited(this.code)}
    </dialog>`;
  }

  #form(): TemplateResult {
    const { t } = this.context.words;
    const households = this.#households.value ?? [];
    return html`<form @submit=${this.#add}>
      <div class="fields">
        <label>${t("ven_id")}<small>${t("ven_id_hint")}</small><input name="ven_id" required pattern="[a-zA-Z0-9_\\-]+" spellcheck="false" autocomplete="off" /></label>
        <label>${t("name")}<small>${t("home_name_hint")}</small><input name="name" required autocomplete="off" /></label>
        <label>${t("feeder")}<input name="feeder" autocomplete="off" spellcheck="false" /></label>
        <label>${t("postcode")}<input name="postcode" autocomplete="off" /></label>
      </div>
      <label
        >${t("household")}<select @change=${(event: Event) => (this.owner = (event.target as HTMLSelectElement).value)}>
          <option value=${NEW} ?selected=${this.owner === NEW}>${t("household_new")}</option>
          ${households.map(({ id, name }) => html`<option value=${id} ?selected=${id === this.owner}>${name}</option>`)}
        </select></label
      >
      ${this.owner === NEW
        ? html`<div class="fields">
            <label>${t("household_name")}<input name="person" required autocomplete="off" /></label>
            <label>${t("email")}<input name="email" type="email" required autocomplete="off" /></label>
          </div>`
        : nothing}
      ${failure(this.context, this.#doing)}
      <div class="actions">
        <button type="button" @click=${this.#close}>${t("cancel")}</button>
        <button class="main" ?disabled=${this.#doing.isBusy}>${t("add")}</button>
      </div>
    </form>`;
  }

  #invited(code: string): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="stack">
      ${this.#doing.error === undefined ? html`<p class="done" role="status">${t("home_added")}</p>` : failure(this.context, this.#doing)}
      <p>${t("code_hand_over")}</p>
      <p><code>${code}</code></p>
      <div class="actions"><button class="main" @click=${this.#close}>${t("close")}</button></div>
    </div>`;
  }

  static override styles = consoleStyle;
}
