import { html, type TemplateResult } from "lit";
import type { Context } from "../context";
import { barsOf, type Grouping, type MoneyDocument, type Part } from "../data/money";
import { energyOf, paidOf } from "./money_cards";

const HOUR_MS = 3_600_000;
/** How long a part is, in ms; the hours of a day and the months of a year are as many as they are. */
const PART_MS: Record<Grouping, number> = { day: HOUR_MS, week: 24 * HOUR_MS, month: 24 * HOUR_MS, year: 730 * HOUR_MS };
const READ = ["load", "import", "export", "production"] as const;
const COLUMNS = ["load", "import", "export", "production", "charge", "discharge"] as const;
const KEYS = [
  ["sun", "key_sun_used", "direct_consumption"],
  ["battery", "stream_battery", "discharge"],
  ["grid", "stream_grid", "import"],
  ["export", "stream_export", "export"],
] as const;

/** Where energy came from and went, by hour, day or month, and the same as a table. */
export function barsCard(
  context: Context,
  document: MoneyDocument,
  isTable: boolean,
  toggled: (isOpen: boolean) => void,
): TemplateResult {
  const { words, format } = context;
  const { grouping, parts, start, end } = document;
  const slots = Math.round((Date.parse(end) - Date.parse(start)) / PART_MS[grouping]);
  return html`<section class="card">
    <h2>${words.t("money_energy")}</h2>
    <hf-bars
      .context=${context}
      .bars=${barsOf(parts)}
      .slots=${slots}
      .label=${(at: string) => format.part(at, grouping)}
      .reading=${(index: number) => reading(context, document, parts[index])}
    ></hf-bars>
    <ul class="keys">
      ${KEYS.filter(([, , family]) => document.total?.energy[family]?.wh).map(
        ([name, key]) => html`<li class=${name}><i></i>${words.t(key)}</li>`,
      )}
    </ul>
    <details @toggle=${(event: Event) => toggled((event.target as HTMLDetailsElement).open)}>
      <summary>${words.t("as_table")}</summary>
      ${isTable ? table(context, document) : ""}
    </details>
  </section>`;
}

function partName({ format }: Context, part: Part, grouping: Grouping): string {
  if (grouping === "day") return format.time(part.start);
  return grouping === "year" ? format.month(part.start) : format.day(part.start);
}

function paid(context: Context, part: Part, currency: string): string {
  if (!part.bought.known) return context.words.t("unknown");
  const { key, amount } = paidOf(context, part.paid, currency);
  return `${context.words.t(key)} ${amount}`;
}

function reading(context: Context, { grouping, currency }: MoneyDocument, part: Part | undefined): string {
  if (!part) return "";
  const told = READ.filter((family) => part.energy[family]).map(
    (family) => `${context.words.t(`family_${family}`)} ${energyOf(context, part.energy[family])}`,
  );
  return [
    partName(context, part, grouping),
    ...told,
    ...(part.bought.known ? [paid(context, part, currency)] : []),
  ].join(" \u00b7 ");
}

function table(context: Context, { grouping, parts, currency }: MoneyDocument): TemplateResult {
  const { words, format } = context;
  const families = COLUMNS.filter((family) => parts.some(({ energy }) => energy[family]?.wh));
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.t("as_table")}>
    <table>
      <thead>
        <tr>
          <th scope="col">${words.t("column_when")}</th>
          ${families.map((family) => html`<th scope="col">${words.t(`family_${family}`)}</th>`)}
          <th scope="col">${words.t("column_money")}</th>
          <th scope="col">${words.t("money_known")}</th>
        </tr>
      </thead>
      <tbody>
        ${parts.map(
          (part) => html`<tr>
            <th scope="row">${partName(context, part, grouping)}</th>
            ${families.map((family) => html`<td class="number">${energyOf(context, part.energy[family])}</td>`)}
            <td class="number">${paid(context, part, currency)}</td>
            <td class="number">${format.percent(part.bought.known)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
