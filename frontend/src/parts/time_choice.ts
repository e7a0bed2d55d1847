import { html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import { choicesOf } from "./choices";

/** A plan has no finer steps. */
const STEP_MIN = 15;
const DAY_MIN = 24 * 60;

/** The times of a day to choose from, as HH:MM; one that was set otherwise, to the minute, is among them. */
export function timesOfDay(chosen: string | null): string[] {
  const two = (number: number): string => String(number).padStart(2, "0");
  const times = Array.from(
    { length: DAY_MIN / STEP_MIN },
    (_, step) => `${two(Math.floor((step * STEP_MIN) / 60))}:${two((step * STEP_MIN) % 60)}`,
  );
  return chosen === null || times.includes(chosen) ? times : [...times, chosen].sort();
}

/**
 * A time of day in a list, as the user reads times.
 *
 * A browser's own field goes by the language and the clock of the browser, which no page can change, and
 * Home Assistant's is no API.
 */
export function timeChoice(
  { format, maySteer, isFresh }: Context,
  time: string | null,
  change: (time: string) => void,
): TemplateResult {
  return html`<select
    ?disabled=${!maySteer || !isFresh}
    @change=${(event: Event) => change((event.target as HTMLSelectElement).value)}
  >
    ${time === null ? html`<option value="" selected disabled>\u2013</option>` : nothing}
    ${choicesOf(timesOfDay(time), time ?? "", (each) => format.clock(each))}
  </select>`;
}
