import { css, html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import { nowMs } from "../data/clock";
import { type Grouping, GROUPINGS, type MoneyDocument } from "../data/money";

/** The name of a period, as people write it. */
export function periodName(context: Context, { grouping, start, end }: MoneyDocument): string {
  const format = context.format;
  const last = new Date(Date.parse(end) - 1);
  // The year is said where it is not the one of now.
  const isOther = format.year(last) !== format.year(new Date(nowMs()));
  switch (grouping) {
    case "day":
      return isOther ? format.longDate(start) : format.longDay(start);
    case "week":
      return `${format.day(start)}\u2009\u2013\u2009${isOther ? format.date(last) : format.day(last)}`;
    case "month":
      return format.month(start);
    default:
      return format.year(start);
  }
}

/** Day, week, month or year, and the arrows to the ones beside. */
export function dateBar(
  context: Context,
  document: MoneyDocument | undefined,
  grouping: Grouping,
  show: (grouping: Grouping, date: string | undefined) => void,
): TemplateResult {
  const { words } = context;
  const arrow = (icon: string, key: string, date: string | null | undefined): TemplateResult => html`<button
    class="arrow"
    aria-label=${words.t(key)}
    ?disabled=${!date}
    @click=${() => date && show(grouping, date)}
  >
    <ha-icon icon=${icon}></ha-icon>
  </button>`;
  return html`<div class="date-bar">
    <div class="segments" role="group" aria-label=${words.t("period")}>
      ${GROUPINGS.map(
        (each) => html`<button
          aria-pressed=${each === grouping}
          @click=${() => show(each, document?.after ? document.date : undefined)}
        >
          ${words.t(`period_of_${each}`)}
        </button>`,
      )}
    </div>
    <div class="dates">
      ${arrow("mdi:chevron-left", "period_before", document?.before)}
      <div aria-live="polite">${document ? html`<h2>${periodName(context, document)}</h2>` : nothing}</div>
      ${arrow("mdi:chevron-right", "period_after", document?.after)}
    </div>
  </div>`;
}

export const dateBarStyle = css`
  .date-bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
  }
  /* Large text goes on below, and not over the neighbour. */
  .segments {
    display: flex;
    flex-wrap: wrap;
    flex: 1 1 260px;
    max-width: 420px;
    border: 1px solid var(--divider-color);
    border-radius: 22px;
    overflow: hidden;
    background: var(--card-background-color);
  }
  .segments button {
    flex: 1 0 20%;
    min-width: max-content;
    border: 0;
    border-radius: 0;
    padding-inline: 4px;
  }
  .segments button + button {
    border-inline-start: 1px solid var(--divider-color);
  }
  .segments [aria-pressed="true"] {
    background: color-mix(in srgb, var(--primary-color) 22%, transparent);
  }
  .dates {
    display: flex;
    align-items: center;
    justify-content: space-between;
    flex: 1 1 300px;
    max-width: 460px;
    gap: 4px;
  }
  .dates h2 {
    margin: 0;
    text-align: center;
    color: var(--primary-text-color);
    font-size: 1.0625rem;
  }
  .arrow {
    padding: 8px;
    min-width: 44px;
    border-radius: 50%;
  }
  :dir(rtl) .arrow ha-icon {
    transform: scaleX(-1);
  }
`;
