import { css, html, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Plan } from "../data/documents";
import { blockDoes, blockTime } from "./blocks";
import { whyOf } from "./reason";

/** A plan as a table, block by block: what does not fit in a picture, and who reads no pictures. */
export function planTable(
  context: Context,
  plan: Plan,
  isOpen: boolean,
  toggled: (isOpen: boolean) => void,
): TemplateResult {
  const { words } = context;
  const rows = plan.devices
    .flatMap((device) => device.blocks.map((block) => ({ device, block })))
    .sort((one, other) => one.block.start.localeCompare(other.block.start));
  return html`<details @toggle=${(event: Event) => toggled((event.target as HTMLDetailsElement).open)}>
    <summary>${words.t("as_table")}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${words.t("as_table")}>
      <table>
        <thead>
          <tr>
            ${["when", "device", "does", "why"].map((key) => html`<th scope="col">${words.t(`column_${key}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${(isOpen ? rows : []).map(
            ({ device, block }) => html`<tr>
              <td class="number">${blockTime(context, block)}</td>
              <th scope="row">${device.name}</th>
              <td>${blockDoes(context, block)}</td>
              <td>${whyOf(context, block).map((why) => html`<div>${why}</div>`)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

export const planTableStyle = css`
  details {
    margin-block-start: 8px;
  }
  summary {
    min-height: 32px;
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: 0.875rem;
  }
  th,
  td {
    text-align: start;
    vertical-align: top;
    font-weight: 400;
    padding: 6px 10px 6px 0;
    border-block-end: 1px solid var(--divider-color);
  }
  thead th {
    color: var(--secondary-text-color);
  }
`;
