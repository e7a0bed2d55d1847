import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import { type ComparedLine, statementLines } from "../data/money";
import { shared } from "../style";

/** Lays a community's statement beside the home's own receipts, line by line. */
export class StatementCompare extends LitElement {
  static override properties = {
    context: { attribute: false },
    names: { attribute: false },
    currency: { attribute: false },
    lines: { state: true },
    refused: { state: true },
  };
  declare context: Context;
  /** What events are called, by their ids. */
  declare names: Record<string, string>;
  declare currency: string;
  declare lines: ComparedLine[] | undefined;
  declare refused: string | undefined;

  protected override render(): TemplateResult {
    const { words } = this.context;
    return html`<details>
      <summary>${words.t("statement_compare")}</summary>
      <p class="quiet">${words.t("statement_how")}</p>
      <textarea rows="4" aria-label=${words.t("statement_lines")} placeholder="event-1;0,9;0,36"></textarea>
      <div class="actions">
        <button class="main" @click=${this.#compare}>${words.t("statement_do")}</button>
        <label class="button">
          ${words.t("statement_file")}
          <input class="visually-hidden" type="file" accept=".csv,.txt,text/csv,text/plain" @change=${this.#read} />
        </label>
      </div>
      <p role="alert">${this.refused ?? nothing}</p>
      ${this.lines ? this.#table(this.lines) : nothing}
    </details>`;
  }

  #table(lines: ComparedLine[]): TemplateResult {
    const { words, format } = this.context;
    const energy = (kwh: string | null): string => (kwh === null ? "\u2013" : format.signedEnergy(1000 * Number(kwh)));
    const money = (amount: string | null): string =>
      amount === null ? "\u2013" : format.money(amount, this.currency);
    return html`<p role="status">
        ${words.t(lines.every(({ comparison }) => comparison === "agrees") ? "statement_agrees" : "statement_differs")}
      </p>
      <ul>
        ${lines.map(
          (line) => html`<li>
            <div class="row">
              <span class="grow">${this.names[line.event_id] ?? line.event_id}</span>
              <span class="chip">${words.t(`compared_${line.comparison}`)}</span>
            </div>
            <p class="quiet number">
              ${words.t("statement_theirs")} ${energy(line.delivered)} \u00b7 ${money(line.paid)}
            </p>
            <p class="quiet number">
              ${words.t("statement_ours")} ${energy(line.delivered_here)} \u00b7 ${money(line.paid_here)}
            </p>
          </li>`,
        )}
      </ul>`;
  }

  get #text(): HTMLTextAreaElement {
    return this.renderRoot.querySelector("textarea") as HTMLTextAreaElement;
  }

  #read = async (event: Event): Promise<void> => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    this.#text.value = await file.text();
    await this.#compare();
  };

  #compare = async (): Promise<void> => {
    const { words, connection } = this.context;
    this.lines = this.refused = undefined;
    const lines = statementLines(this.#text.value);
    if (!lines) {
      this.refused = words.t("statement_unreadable");
      return;
    }
    try {
      const { response } = await connection.sendMessagePromise<{ response: { lines: ComparedLine[] } }>({
        type: "call_service",
        domain: "home_flex",
        service: "compare_statement",
        service_data: { lines },
        return_response: true,
      });
      this.lines = response.lines;
    } catch (error) {
      this.refused = words.refusal(error);
    }
  };

  static override styles = [
    shared,
    css`
      textarea {
        width: 100%;
        margin-block-start: 8px;
      }
      label.button {
        display: inline-flex;
        align-items: center;
        min-height: 44px;
        padding: 8px 16px;
        border: 1px solid var(--divider-color);
        border-radius: 22px;
        cursor: pointer;
        font-weight: 500;
      }
      label:focus-within {
        outline: 2px solid var(--primary-color);
        outline-offset: 2px;
      }
      p[role] {
        margin-block-start: 10px;
      }
      p[role]:empty {
        display: none;
      }
      li {
        padding-block: 10px;
        border-block-start: 1px solid var(--divider-color);
      }
      li:first-child {
        border: 0;
      }
      li .number {
        white-space: normal;
      }
    `,
  ];
}
