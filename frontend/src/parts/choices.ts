import { html, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";

/** The options of a choice, of which `chosen` stands, whatever was picked since it was drawn last. */
export function choicesOf<T extends string>(
  choices: readonly T[],
  chosen: T,
  name: (choice: T) => string,
): TemplateResult[] {
  return choices.map((each) => html`<option value=${each} .selected=${live(each === chosen)}>${name(each)}</option>`);
}
