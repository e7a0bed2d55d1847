import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { HouseRules } from "../data/documents";
import { shared } from "../style";
import { choicesOf } from "./choices";
import { timeChoice } from "./time_choice";
import { toggleBox } from "./toggle";

const KEY = "house_rules";
const A_WEEK = [0, 1, 2, 3, 5, 7];
/** What quiet hours begin as. */
const NIGHT: Pick<HouseRules, "quiet_from" | "quiet_until"> = { quiet_from: "21:00", quiet_until: "08:00" };

/** How far the home joins events by itself: hours in which it asks instead, and how many a week. */
export class HouseRulesCard extends LitElement {
  static override properties = {
    context: { attribute: false },
    rules: { attribute: false },
    refused: { state: true },
  };
  declare context: Context;
  declare rules: HouseRules;
  declare refused: string | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("rules")) this.refused = undefined;
  }

  protected override render(): TemplateResult {
    const { context } = this;
    const { words, format, maySteer, isFresh } = context;
    const { quiet_from, quiet_until, most_a_week, never_away } = this.#shown;
    const isOff = !maySteer || !isFresh;
    const isQuiet = quiet_from !== null;
    const numbers = most_a_week === null || A_WEEK.includes(most_a_week) ? A_WEEK : [...A_WEEK, most_a_week];
    const most = most_a_week === null ? "" : String(most_a_week);
    return html`<section class="card">
      <h2>${words.t("house_rules")}</h2>
      <p class="quiet">${words.t("house_rules_how")}</p>
      <label>
        <span class="grow">${words.t("quiet_hours")}</span>
        ${toggleBox(context, isQuiet, (isOn) => this.#say(isOn ? NIGHT : { quiet_from: null, quiet_until: null }))}
      </label>
      ${isQuiet
        ? html`<div class="row times">
            ${this.#time("quiet_from", quiet_from)} ${this.#time("quiet_until", quiet_until)}
          </div>`
        : nothing}
      <label>
        <span class="grow">${words.t("never_away")}</span>
        ${toggleBox(context, never_away, (isOn) => this.#say({ never_away: isOn }))}
      </label>
      <label>
        <span class="grow">${words.t("most_a_week")}</span>
        <select
          ?disabled=${isOff}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            this.#say({ most_a_week: value === "" ? null : Number(value) });
          }}
        >
          ${choicesOf(["", ...numbers.map(String)], most, (each) =>
            each === "" ? words.t("any_number") : format.number(Number(each)),
          )}
        </select>
      </label>
      <p role="alert">${this.refused ?? nothing}</p>
    </section>`;
  }

  #time(name: "quiet_from" | "quiet_until", value: string | null): TemplateResult {
    return html`<label>
      <span>${this.context.words.t(name)}</span>
      ${timeChoice(this.context, value, (to) => this.#say({ [name]: to }))}
    </label>`;
  }

  /** The rules with what was chosen and is not told yet: all are sent together, and none may be lost. */
  get #shown(): HouseRules {
    return this.context.clicked.shown(KEY, this.rules);
  }

  #say(change: Partial<HouseRules>): void {
    void this.#send({ ...this.#shown, ...change });
  }

  async #send(rules: HouseRules): Promise<void> {
    const { clicked, connection, words } = this.context;
    try {
      await clicked.choose(KEY, rules, () =>
        connection.sendMessagePromise({ type: "home_flex/house_rules", ...rules }),
      );
      this.refused = undefined;
    } catch (error) {
      this.refused = words.refusal(error);
    }
  }

  static override styles = [
    shared,
    css`
      label {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        min-height: 48px;
      }
      .times {
        gap: 0 24px;
      }
    `,
  ];
}
