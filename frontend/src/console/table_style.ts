import { css } from "lit";

/** Tables, which fit a phone. */
export const tableStyle = css`
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
  @media (max-width: 640px) {
    .table {
      margin-inline: -14px;
      padding-inline: 14px;
    }
    th,
    td {
      padding-inline: 6px;
    }
  }
`;
