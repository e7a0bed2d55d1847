import { css } from "lit";
import { figureStyle } from "../parts/figure_style";
import { shared } from "../style";

/** What the console's pages share beside what the panel's do: forms, tables that fit a phone, states. */
export const consoleStyle = [
  shared,
  figureStyle,
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
    form {
      display: grid;
      gap: 14px;
    }
    .fields {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
      gap: 14px;
      align-items: end;
    }
    label {
      display: grid;
      gap: 4px;
      font-size: 0.875rem;
      font-weight: 500;
      min-width: 0;
    }
    label.check {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 44px;
    }
    label small,
    .hint {
      font-weight: 400;
      font-size: 0.8125rem;
      color: var(--secondary-text-color);
    }
    input,
    select,
    textarea {
      font: inherit;
      font-weight: 400;
      color: var(--primary-text-color);
      background: var(--card-background-color);
      border: 1px solid color-mix(in srgb, var(--secondary-text-color) 75%, transparent);
      border-radius: 8px;
      min-height: 44px;
      padding: 8px 12px;
      width: 100%;
      min-width: 0;
    }
    input[type="checkbox"],
    input[type="radio"] {
      width: 20px;
      min-height: 20px;
      height: 20px;
      accent-color: var(--primary-color);
    }
    fieldset {
      border: 0;
      margin: 0;
      padding: 0;
      min-width: 0;
      display: flex;
      flex-wrap: wrap;
      gap: 0 20px;
    }
    legend {
      padding: 0;
      font-size: 0.875rem;
      font-weight: 500;
    }
    button.main {
      background: var(--primary-color);
      border-color: var(--primary-color);
      color: light-dark(#fff, #0c1511);
    }
    button.main:hover:not(:disabled) {
      background: color-mix(in srgb, var(--primary-color) 85%, var(--primary-text-color));
    }
    button.plain {
      border-color: transparent;
      color: var(--primary-color);
      padding-inline: 10px;
    }
    button,
    a.button {
      border-radius: 8px;
    }
    a {
      color: var(--primary-color);
    }
    dialog {
      color: inherit;
      background: var(--card-background-color);
      border: 1px solid var(--divider-color);
      border-radius: 12px;
      padding: 20px;
      width: min(560px, calc(100vw - 32px));
      box-shadow: 0 12px 48px rgb(0 0 0 / 30%);
    }
    dialog::backdrop {
      background: rgb(0 0 0 / 45%);
    }
    dialog h2 {
      margin-block: 0 14px;
      font-size: 1.125rem;
      font-weight: 600;
      color: var(--primary-text-color);
    }
    .actions {
      justify-content: flex-end;
      margin-block-start: 4px;
    }
    .table {
      overflow-x: auto;
      margin-inline: -16px;
      padding-inline: 16px;
    }
    .table:focus-visible {
      outline-offset: -2px;
    }
    th,
    td {
      padding: 10px 12px;
      vertical-align: top;
    }
    th:first-child,
    td:first-child {
      padding-inline-start: 0;
      text-align: start;
    }
    th:last-child,
    td:last-child {
      padding-inline-end: 0;
    }
    th.text,
    td.text {
      text-align: start;
    }
    tbody th {
      font-weight: 500;
    }
    tbody th small,
    td small {
      display: block;
      font-size: 0.8125rem;
      font-weight: 400;
      color: var(--secondary-text-color);
    }
    td.number {
      white-space: nowrap;
    }
    tbody tr:last-child > * {
      border-block-end: 0;
    }
    thead th {
      font-size: 0.8125rem;
      white-space: nowrap;
      vertical-align: bottom;
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
      .table {
        margin-inline: -14px;
        padding-inline: 14px;
      }
      th,
      td {
        padding-inline: 6px;
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
