import { css } from "lit";

/** How figures stand on a page: rows with what is known of them, keys of a chart, tables. */
export const figureStyle = css`
  .sum {
    /* Large text is large enough before one word is wider than a phone. */
    font-size: min(2.25rem, 14vw);
    overflow-wrap: anywhere;
    font-weight: 500;
    line-height: 1.2;
  }
  .small {
    font-size: 0.8125rem;
    line-height: 1.4;
    margin-block-start: 10px;
  }
  dl {
    margin-block-start: 8px;
  }
  dl div {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 2px 12px;
    padding-block: 8px;
    border-block-end: 1px solid var(--divider-color);
  }
  dl div:last-child {
    border: 0;
  }
  dd {
    margin-inline-start: auto;
    text-align: end;
  }
  .known {
    font-size: 0.8125rem;
    font-weight: 400;
    color: var(--secondary-text-color);
    white-space: normal;
  }
  .rows li {
    padding-block: 10px;
  }
  .rows li + li {
    border-block-start: 1px solid var(--divider-color);
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 2px 14px;
    margin-inline-start: auto;
  }
  .keys {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 4px 14px;
    margin-block-start: 4px;
    font-size: 0.8125rem;
  }
  .keys li {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  .keys i {
    width: 12px;
    height: 12px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--of) 78%, var(--card-background-color));
    border: 1px solid color-mix(in srgb, var(--of) 62%, var(--primary-text-color));
  }
  details {
    margin-block-start: 6px;
  }
  .scroll {
    overflow: auto;
    max-height: 420px;
  }
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: 0.875rem;
  }
  th,
  td {
    padding: 6px 10px;
    text-align: end;
    font-weight: 400;
    border-block-end: 1px solid var(--divider-color);
  }
  th:first-child {
    text-align: start;
    white-space: nowrap;
  }
  thead th {
    color: var(--secondary-text-color);
  }
`;
