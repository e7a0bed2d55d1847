import { css } from "lit";
import { figureStyle } from "../parts/figure_style";
import { shared } from "../style";
import { formStyle } from "./form_style";
import { tableStyle } from "./table_style";

/** What the console's pages share beside what the panel's do: how a page lies, its tiles and states. */
export const consoleStyle = [
  shared,
  figureStyle,
  formStyle,
  tableStyle,
  css`
    .page {
      display: grid;
      gap: 16px;
      align-content: start;
      min-width: 0;
    }
    .top {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px 16px;
    }
    h1 {
      font-size: 1.375rem;
      font-weight: 600;
      line-height: 1.25;
      margin: 0;
      flex: 1 1 auto;
    }
    .card h2 {
      color: var(--primary-text-color);
      font-weight: 600;
    }
    .beside {
      display: grid;
      gap: 16px;
      align-items: start;
    }
    .beside > * {
      min-width: 0;
    }
    .tiles {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(132px, 1fr));
      background: var(--card-background-color);
      border: 1px solid var(--divider-color);
      border-radius: var(--ha-card-border-radius);
      overflow: hidden;
    }
    .tiles > div {
      box-shadow: 1px 0 var(--divider-color), 0 1px var(--divider-color);
      padding: 12px 16px;
      margin: 0;
      display: flex;
      flex-direction: column-reverse;
      justify-content: flex-end;
      border: 0;
    }
    dl.tiles {
      margin: 0;
    }
    dl.tiles div {
      align-items: start;
      justify-content: flex-end;
      gap: 0;
      flex-wrap: nowrap;
    }
    .tiles dd {
      margin: 0;
      text-align: start;
      font-size: 1.5rem;
      font-weight: 600;
      line-height: 1.3;
      font-variant-numeric: tabular-nums;
    }
    .tiles dt {
      font-size: 0.8125rem;
      color: var(--secondary-text-color);
    }
    .state {
      display: inline-flex;
      align-items: center;
      gap: 7px;
      white-space: nowrap;
    }
    .state::before {
      content: "";
      width: 9px;
      height: 9px;
      border-radius: 50%;
      flex: none;
      background: var(--state, var(--secondary-text-color));
    }
    .state.good {
      --state: var(--success-color);
    }
    .state.doubt {
      --state: var(--warning-color);
    }
    .state.bad {
      --state: var(--error-color);
    }
    .state.idle::before {
      background: transparent;
      border: 2px solid var(--secondary-text-color);
    }
    .error {
      margin: 0;
      padding: 10px 14px;
      border-radius: 8px;
      border: 1px solid color-mix(in srgb, var(--error-color) 55%, transparent);
      background: color-mix(in srgb, var(--error-color) 9%, var(--card-background-color));
    }
    .done {
      margin: 0;
      padding: 10px 14px;
      border-radius: 8px;
      border: 1px solid color-mix(in srgb, var(--success-color) 55%, transparent);
      background: color-mix(in srgb, var(--success-color) 9%, var(--card-background-color));
    }
    .empty {
      padding-block: 20px;
      color: var(--secondary-text-color);
      text-align: center;
      text-wrap: balance;
    }
    code {
      font: 0.875rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
      overflow-wrap: anywhere;
    }
    blockquote {
      margin: 0;
      padding-inline-start: 12px;
      border-inline-start: 3px solid var(--divider-color);
      white-space: pre-line;
    }
    .share {
      display: block;
      margin-block: 4px;
    }
    .share .whole {
      fill: var(--quiet);
    }
    .share .part {
      fill: var(--primary-color);
    }
    @media (max-width: 640px) {
      .wide {
        display: none;
      }
      .card {
        padding: 14px;
      }
    }
    @media (min-width: 641px) {
      .slim {
        display: none !important;
      }
    }
    @media (min-width: 1000px) {
      .beside.two {
        grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
      }
    }
  `,
];
