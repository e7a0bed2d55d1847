import { html, LitElement, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { Asked } from "../asked";
import { type Context, href } from "../context";
import type { Health, Home } from "../documents";
import { healthOf } from "../health";
import { empty, shown, state, table, tiles } from "../parts/said";
import { consoleStyle } from "../style";

const AT_ONCE = 200;

interface Row {
  home: Home;
  health: Health | undefined;
}

/** Who is a member: whether each home is heard, until when it consents, and one of them in full. */
export class HomesPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    looked: { state: true },
    isAdding: { state: true },
  };
  declare context: Context;
  declare looked: string;
  declare isAdding: boolean;

  readonly #rows = new Asked<Row[]>(this, (context) => this.#ask(context));
  #wanted = AT_ONCE;

  constructor() {
    super();
    this.looked = "";
    this.isAdding = false;
  }

  async #ask({ api }: Context): Promise<Row[]> {
    const rows: Row[] = [];
    let after: string | undefined;
    while (rows.length < this.#wanted) {
      const query = { limit: AT_ONCE, after };
      const [homes, health] = await Promise.all([api.get<Home[]>("/homes", query), api.get<Health[]>("/homes/health", query)]);
      const by = new Map(health.map((each) => [each.ven_id, each]));
      rows.push(...homes.map((home) => ({ home, health: by.get(home.ven_id) })));
      after = homes.at(-1)?.ven_id;
      if (homes.length < AT_ONCE) break;
    }
    return rows.sort((one, other) => one.home.ven_id.localeCompare(other.home.ven_id, undefined, { numeric: true }));
  }

  protected override render(): TemplateResult {
    const { words, rest } = this.context;
    const [venId] = rest;
    if (venId !== undefined) {
      return html`${keyed(venId, html`<hc-home-detail .context=${this.context} .venId=${venId}></hc-home-detail>`)}`;
    }
    return html`<div class="page">
      <div class="top">
        <h1>${words.t("page_homes")}</h1>
        ${this.context.account.role === "operator"
          ? html`<button class="main" @click=${() => (this.isAdding = true)}>${words.t("home_add")}</button>`
          : nothing}
      </div>
      ${this.isAdding
        ? html`<hc-home-form
            .context=${this.context}
            @closed=${() => (this.isAdding = false)}
            @added=${() => this.#rows.refresh()}
          ></hc-home-form>`
        : nothing}
      ${shown(this.context, this.#rows, (rows) => this.#list(rows))}
    </div>`;
  }

  #list(rows: Row[]): TemplateResult {
    const { words, format } = this.context;
    const now = new Date();
    const toned = rows.map((row) => ({ ...row, how: healthOf(row.home, row.health, this.context, now) }));
    const count = (is: (row: (typeof toned)[number]) => boolean): string => format.number(toned.filter(is).length);
    const look = this.looked.toLowerCase();
    const seen = toned.filter(({ home }) =>
      [home.ven_id, home.name, home.feeder, home.postcode].some((text) => text?.toLowerCase().includes(look)),
    );
    return html`${tiles([
        [words.t("homes_members"), format.number(rows.length)],
        [words.t("homes_heard"), count(({ how }) => how.tone === "good")],
        [words.t("homes_silent"), count(({ how }) => how.tone === "bad" || how.tone === "idle")],
        [words.t("homes_consenting"), count(({ health }) => Boolean(health?.consents_until))],
      ])}
      <section class="card stack">
        <label>
          <span>${words.t("look_for")}</span>
          <input type="search" .value=${this.looked} @input=${(event: Event) => (this.looked = (event.target as HTMLInputElement).value)} />
        </label>
        ${seen.length
          ? table(
              words.t("page_homes"),
              [
                { name: words.t("home"), text: true },
                { name: words.t("health"), text: true },
                { name: words.t("consent"), text: true },
                { name: words.t("feeder"), text: true, wide: true },
                { name: words.t("refused_reports"), wide: true },
              ],
              seen.map((row) => this.#row(row, row.how)),
            )
          : empty(words.t(rows.length ? "nothing_found" : "homes_none"))}
        ${rows.length >= this.#wanted
          ? html`<button @click=${() => ((this.#wanted += AT_ONCE), this.#rows.refresh())}>${words.t("more")}</button>`
          : nothing}
      </section>`;
  }

  #row({ home, health }: Row, how: ReturnType<typeof healthOf>): TemplateResult {
    const { words, format } = this.context;
    return html`<tr>
      <th scope="row"><a href=${href("homes", home.ven_id)}>${home.name}</a><small>${home.ven_id}</small></th>
      <td class="text">${state(how.tone, how.text)}</td>
      <td class="text">
        ${health?.consents_until ? words.t("until", { date: format.date(health.consents_until) }) : words.t("consent_none")}
      </td>
      <td class="text wide">${home.feeder ?? "–"}<small>${home.postcode ?? nothing}</small></td>
      <td class="wide number">${format.number(health?.refused_reports ?? 0)}</td>
    </tr>`;
  }

  static override styles = consoleStyle;
}
