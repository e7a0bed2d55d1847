import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { PlanDocument } from "../data/documents";
import { csvOf, type Grouping, type MoneyDocument, periodOf } from "../data/money";
import { dateBar, dateBarStyle, periodName } from "../parts/date_bar";
import { figureStyle } from "../parts/figure_style";
import { barsCard } from "../parts/money_bars";
import { devicesCard, eventRow, homeCard, otherwiseCard, sumsCard } from "../parts/money_cards";
import { shared } from "../style";
import { AskedPage } from "./asked";

const FIRST_EVENTS = 8;
/** What is heard when another address is shown: by the browser's arrows, and by Home Assistant. */
const MOVED = ["popstate", "location-changed"];

/** What a day, week, month or year brought: money, energy and carbon, with what is known of each figure. */
export class MoneyPage extends AskedPage<MoneyDocument> {
  static override properties: PropertyDeclarations = {
    body: { attribute: false },
    grouping: { state: true },
    showsAll: { state: true },
    isTable: { state: true },
  };
  /** The plan, of which the prices ahead are shown. */
  declare body: PlanDocument | undefined;
  declare grouping: Grouping;
  declare showsAll: boolean;
  declare isTable: boolean;

  #date: string | undefined;

  constructor() {
    super();
    this.isTable = this.showsAll = false;
    // The address holds what is shown, as the panel may be built anew.
    const { grouping, date } = periodOf(location.pathname);
    this.grouping = grouping;
    this.#date = date;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    for (const moved of MOVED) window.addEventListener(moved, this.#follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const moved of MOVED) window.removeEventListener(moved, this.#follow);
  }

  /** Shows what the address names since somebody went back, took a link, or the menu for the month of now. */
  #follow = (): void => {
    if (!location.pathname.includes("/money")) return;
    const { grouping, date } = periodOf(location.pathname);
    if (grouping === this.grouping && date === this.#date) return;
    this.grouping = grouping;
    this.#date = date;
    this.showsAll = false;
    void this.ask();
  };

  #show = (grouping: Grouping, date: string | undefined): void => {
    this.grouping = grouping;
    this.#date = date;
    this.showsAll = false;
    const before = location.pathname.split("/money")[0] ?? "";
    history.replaceState(history.state, "", [`${before}/money`, grouping, ...(date ? [date] : [])].join("/"));
    void this.ask();
  };

  protected override question(): Record<string, unknown> {
    return {
      type: "home_flex/money",
      grouping: this.grouping,
      first_weekday: this.context.format.firstWeekday,
      ...(this.#date ? { date: this.#date } : {}),
    };
  }

  protected override render(): TemplateResult {
    const { context, grouping, refused } = this;
    const document = this.document?.grouping === grouping ? this.document : undefined;
    return html`<div class="stack">
      ${dateBar(context, document, grouping, this.#show)}
      ${refused ? html`<p class="card warn" role="alert">${refused}</p>` : nothing}
      ${document ? this.#period(document) : refused ? nothing : html`<div class="waiting" aria-hidden="true"></div>`}
    </div>`;
  }

  #period(document: MoneyDocument): TemplateResult {
    const { context } = this;
    const ahead = html`<hf-ahead .context=${context} .body=${this.body}></hf-ahead>`;
    if (!document.total) return html`<p class="card quiet">${context.words.t("money_none")}</p>${ahead}`;
    return html`<div class="columns">
      <div class="stack">
        ${sumsCard(context, document)}
        ${barsCard(context, document, this.isTable, (isOpen) => (this.isTable = isOpen))}
        ${devicesCard(context, document)} ${homeCard(context, document)}
      </div>
      <div class="stack">
        ${ahead} ${otherwiseCard(context, document)} ${this.#events(document)} ${this.#papers(document)}
      </div>
    </div>`;
  }

  #events({ events }: MoneyDocument): TemplateResult {
    const { words, format } = this.context;
    const shown = this.showsAll ? events : events.slice(0, FIRST_EVENTS);
    return html`<section class="card">
      <h2>${words.t("money_events")}</h2>
      ${events.length
        ? html`<ul class="rows">
            ${shown.map((event) => eventRow(this.context, event))}
          </ul>`
        : html`<p class="quiet">${words.t("money_no_events")}</p>`}
      ${events.length > shown.length
        ? html`<div class="actions">
            <button @click=${() => (this.showsAll = true)}>
              ${words.t("show_all", { count: format.number(events.length) })}
            </button>
          </div>`
        : nothing}
    </section>`;
  }

  #papers(document: MoneyDocument): TemplateResult {
    const { words } = this.context;
    const names = Object.fromEntries(document.events.map(({ id, name }) => [id, name ?? id]));
    return html`<section class="card">
      <h2>${words.t("money_papers")}</h2>
      <hf-statement .context=${this.context} .names=${names} .currency=${document.currency}></hf-statement>
      <div class="actions">
        <button @click=${() => save(document, `home-flex ${periodName(this.context, document)}.csv`)}>
          <ha-icon icon="mdi:table-arrow-down"></ha-icon>${words.t("money_csv")}
        </button>
      </div>
    </section>`;
  }

  static override styles = [
    shared,
    dateBarStyle,
    figureStyle,
    css`
      .columns {
        display: grid;
        gap: 12px;
      }
      .waiting {
        height: 320px;
        border-radius: 12px;
        background: var(--quiet);
      }
      @media (min-width: 870px) {
        .columns {
          grid-template-columns: 1.2fr 1fr;
          gap: 20px;
        }
      }
    `,
  ];
}

/** Hands a period to the browser as a file. */
function save(document: MoneyDocument, name: string): void {
  const url = URL.createObjectURL(new Blob([csvOf(document)], { type: "text/csv;charset=utf-8" }));
  Object.assign(window.document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
