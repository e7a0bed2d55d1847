import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Entry, Head } from "../documents";
import { empty, failure, shown, table } from "../parts/said";
import { consoleStyle } from "../style";

const AT_ONCE = 100;

/** The audit log, the newest first, and whether its chain of hashes is whole. */
export class AuditPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    looked: { state: true },
    behind: { state: true },
  };
  declare context: Context;
  declare looked: string;
  /** The number behind which the shown acts begin. */
  declare behind: number;

  readonly #head = new Asked<Head>(this, ({ api }) => api.get("/audit/head"));
  readonly #entries = new Asked<Entry[]>(this, async ({ api }) => {
    if (this.behind < 0) {
      const head = await api.get<Head>("/audit/head");
      this.behind = Math.max(0, (head.number ?? AT_ONCE) - AT_ONCE);
    }
    const entries = await api.get<Entry[]>("/audit", { after: this.behind, limit: AT_ONCE });
    return entries.reverse();
  });
  readonly #doing = new Doing(this);

  constructor() {
    super();
    this.looked = "";
    this.behind = -1;
  }

  #turn(by: number): void {
    this.behind = Math.max(0, this.behind + by);
    void this.#doing.run(() => this.#entries.refresh());
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <h1>${t("page_audit")}</h1>
      ${failure(this.context, this.#doing)}
      <section class="card stack">
        ${shown(this.context, this.#head, (head) => this.#whole(head))}
      </section>
      <section class="card stack">
        <label><span>${t("look_for")}</span>
          <input type="search" @input=${(event: Event) => (this.looked = (event.target as HTMLInputElement).value)} />
        </label>
        ${shown(this.context, this.#entries, (entries) => this.#list(entries))}
      </section>
    </div>`;
  }

  #whole(head: Head): TemplateResult {
    const { words, format } = this.context;
    if (!head.is_whole) return html`<p class="error">${words.t("audit_broken", { number: head.broken_at ?? 0 })}</p>`;
    return html`<p>${words.t("audit_whole", { number: format.number(head.number ?? 0) })}</p>
      <p><code>${head.hash ?? ""}</code></p>
      <p class="hint">${words.t("audit_keep")}</p>`;
  }

  #list(entries: Entry[]): TemplateResult {
    const { words, format } = this.context;
    const look = this.looked.toLowerCase();
    const seen = entries.filter((entry) => JSON.stringify(entry).toLowerCase().includes(look));
    return html`${seen.length
        ? table(
            words.t("page_audit"),
            [
              { name: words.t("audit_number") },
              { name: words.t("audit_at"), text: true },
              { name: words.t("audit_act"), text: true },
              { name: words.t("audit_actor"), text: true, wide: true },
              { name: words.t("audit_details"), text: true, wide: true },
            ],
            seen.map(
              (entry) => html`<tr>
                <td class="number">${entry.number}</td>
                <td class="text number">${format.moment(entry.at)}</td>
                <td class="text"><strong>${entry.act}</strong><small><code>${entry.object}</code></small></td>
                <td class="text wide"><code>${entry.actor}</code></td>
                <td class="text wide"><code>${details(entry)}</code></td>
              </tr>`,
            ),
          )
        : empty(words.t("nothing_found"))}
      <div class="actions">
        <button ?disabled=${this.behind === 0} @click=${() => this.#turn(-AT_ONCE)}>${words.t("earlier")}</button>
        <button ?disabled=${entries.length < AT_ONCE} @click=${() => this.#turn(AT_ONCE)}>${words.t("later")}</button>
      </div>`;
  }

  static override styles = consoleStyle;
}

function details(entry: Entry): string | typeof nothing {
  const told = Object.entries(entry.details).filter(([, value]) => value !== null);
  if (!told.length) return nothing;
  return told.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
}
