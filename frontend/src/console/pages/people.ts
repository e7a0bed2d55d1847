import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Account, Role } from "../documents";
import { failure, fieldsOf, shown, table } from "../parts/said";
import { consoleStyle } from "../style";

const ROLES: readonly Role[] = ["household", "aggregator", "grid_operator", "auditor", "operator"];

/** Who has an account; inviting somebody, and helping who lost a password. */
export class PeoplePage extends LitElement {
  static override properties = { context: { attribute: false }, told: { state: true } };
  declare context: Context;
  /** The code that is shown once, and whose it is. */
  declare told: { name: string; code: string } | undefined;

  readonly #people = new Asked<Account[]>(this, ({ api }) => api.get("/people"));
  readonly #doing = new Doing(this);

  #invite = async (event: SubmitEvent): Promise<void> => {
    const form = event.target as HTMLFormElement;
    const { email, name, role } = fieldsOf(event);
    await this.#doing.run(async () => {
      const invited = await this.context.api.post<Account & { code: string }>("/people", { email, name, role });
      this.told = { name: invited.name, code: invited.code };
      form.reset();
      await this.#people.refresh();
    });
  };

  #recover(person: Account): void {
    void this.#doing.run(async () => {
      const { code } = await this.context.api.post<{ code: string }>(`/people/${person.id}/recovery`);
      this.told = { name: person.name, code };
    });
  }

  protected override render(): TemplateResult {
    const { words } = this.context;
    const { t } = words;
    return html`<div class="page">
      <h1>${t("page_people")}</h1>
      ${failure(this.context, this.#doing)}
      ${this.told
        ? html`<div class="done stack" role="status">
            <p>${t("code_for", { name: this.told.name })}</p>
            <p><code>${this.told.code}</code></p>
          </div>`
        : nothing}
      <div class="beside two">
        <section class="card">${shown(this.context, this.#people, (people) => this.#list(people))}</section>
        <section class="card">
          <h2>${t("invite")}</h2>
          <form @submit=${this.#invite}>
            <label>${t("name")}<input name="name" required autocomplete="off" /></label>
            <label>${t("email")}<input name="email" type="email" required autocomplete="off" /></label>
            <label
              >${t("role")}<select name="role">
                ${ROLES.map((role) => html`<option value=${role}>${words.of("role", role)}</option>`)}
              </select></label
            >
            <div class="actions"><button class="main" ?disabled=${this.#doing.isBusy}>${t("invite")}</button></div>
          </form>
        </section>
      </div>
    </div>`;
  }

  #list(people: Account[]): TemplateResult {
    const { words } = this.context;
    return table(
      words.t("page_people"),
      [
        { name: words.t("name"), text: true },
        { name: words.t("role"), text: true, wide: true },
        { name: words.t("second_factor"), text: true, wide: true },
        { name: words.t("password") },
      ],
      people.map(
        (person) => html`<tr>
          <th scope="row">${person.name}<small>${person.email}</small><small class="slim">${words.of("role", person.role)}</small></th>
          <td class="text wide">${words.of("role", person.role)}</td>
          <td class="text wide">${words.t(person.has_second_factor ? "yes" : "no")}</td>
          <td>
            <button class="plain" ?disabled=${this.#doing.isBusy} aria-label=${words.t("recovery_of", { name: person.name })} @click=${() => this.#recover(person)}>
              ${words.t("recovery")}
            </button>
          </td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
