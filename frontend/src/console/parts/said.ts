import { html, nothing, type TemplateResult } from "lit";
import type { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Words } from "../words";

/** What was refused, said where it was tried; empty, it is there to be read aloud when it comes. */
export function refusal(words: Words, error: unknown): TemplateResult {
  return html`<p role="alert" class=${error === undefined ? "" : "error"}>${error === undefined ? nothing : words.refusal(error)}</p>`;
}

export function failure(context: Context, doing: Doing): TemplateResult {
  return refusal(context.words, doing.error);
}

/** What a page shows of what it asked for: that it asks, that it was refused, or what came. */
export function shown<T>(context: Context, asked: Asked<T>, show: (value: T) => unknown): unknown {
  if (asked.value !== undefined) return show(asked.value);
  if (asked.error !== undefined) return refusal(context.words, asked.error);
  return html`<p class="empty" aria-busy="true">${context.words.t("loading")}</p>`;
}

export function empty(text: string): TemplateResult {
  return html`<p class="empty">${text}</p>`;
}

export type Tone = "good" | "doubt" | "bad" | "idle" | "";

export function state(tone: Tone, text: string): TemplateResult {
  return html`<span class="state ${tone}">${text}</span>`;
}

/** A figure with its name below it, as a row of them. */
export function tiles(figures: readonly (readonly [name: string, value: string])[]): TemplateResult {
  return html`<dl class="tiles">
    ${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

export interface Column {
  name: string;
  /** Left out where there is no room for it. */
  wide?: boolean;
  text?: boolean;
}

/** A table that is scrolled sideways where it must be, by keyboard too. */
export function table(label: string, columns: readonly Column[], rows: unknown): TemplateResult {
  return html`<div class="table" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead>
        <tr>
          ${columns.map(
            ({ name, wide, text }) => html`<th scope="col" class="${wide ? "wide" : ""} ${text ? "text" : ""}">${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** A share of a whole as a bar, told beside it as a number. */
export function bar(share: number): TemplateResult {
  const width = `${Math.round(100 * Math.min(1, Math.max(0, share)))}%`;
  return html`<svg class="share" width="100%" height="6" aria-hidden="true">
    <rect class="whole" width="100%" height="6" rx="3" />
    <rect class="part" width=${width} height="6" rx="3" />
  </svg>`;
}

/** The fields of a form by their names, texts without blanks around them. */
export function fieldsOf(event: SubmitEvent): Record<string, string> {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const data = new FormData(form);
  return Object.fromEntries([...data].map(([name, value]) => [name, typeof value === "string" ? value.trim() : ""]));
}

/** The parts of a text between commas. */
export function listed(text: string | undefined): string[] {
  return (text ?? "").split(",").map((each) => each.trim()).filter(Boolean);
}
