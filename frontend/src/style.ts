import { css } from "lit";

/** What all pages share: cards, buttons, chips; colours are the theme's, darkened where they mark an edge. */
export const shared = css`
  :host {
    display: block;
    min-width: 0;
    /* A device may have a name longer than a phone is wide. */
    overflow-wrap: break-word;
    color: var(--primary-text-color);
    /* A name may be one long word: it makes no page wider than its screen. */
    overflow-wrap: break-word;
    --sun: var(--energy-solar-color, #ff9800);
    --battery: var(--energy-battery-out-color, #4db6ac);
    --grid: var(--energy-grid-consumption-color, #488fc2);
    --export: var(--energy-grid-return-color, #8353d1);
    --home: color-mix(in srgb, var(--secondary-text-color) 70%, transparent);
    --car: #5c7cfa;
    --loads: #b8735a;
    --quiet: color-mix(in srgb, var(--primary-text-color) 6%, transparent);
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p,
  ul,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  /* It would be as wide as its longest word. */
  fieldset {
    min-inline-size: 0;
  }
  h2 {
    font-size: 1rem;
    font-weight: 500;
    color: var(--secondary-text-color);
    margin-block: 8px 10px;
  }
  .card > h2:first-child,
  .side > h2 {
    margin-block-start: 0;
  }
  h3 {
    font-size: 1.0625rem;
    font-weight: 500;
  }
  fieldset {
    min-width: 0;
  }
  .card {
    background: var(--card-background-color);
    border: 1px solid var(--ha-card-border-color, var(--divider-color));
    border-radius: var(--ha-card-border-radius, 12px);
    padding: 16px;
    min-width: 0;
  }
  .stack {
    display: grid;
    gap: 12px;
    align-content: start;
    min-width: 0;
  }
  .stack > *,
  .columns > * {
    min-width: 0;
  }
  .quiet {
    color: var(--secondary-text-color);
  }
  .row {
    display: flex;
    align-items: center;
    gap: 8px 12px;
    flex-wrap: wrap;
  }
  .grow {
    flex: 1 1 auto;
    min-width: 0;
  }
  .number {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    /* A number stands before its unit also where text runs from right to left. */
    unicode-bidi: plaintext;
  }
  /* A number within a sentence. */
  .number.said {
    white-space: normal;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-block-start: 12px;
  }
  button,
  a.button {
    font: inherit;
    font-weight: 500;
    min-height: 44px;
    padding: 8px 16px;
    border: 1px solid var(--divider-color);
    border-radius: 22px;
    background: transparent;
    color: var(--primary-text-color);
    cursor: pointer;
    text-decoration: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
  }
  button:hover:not(:disabled) {
    background: var(--quiet);
  }
  button.main {
    background: color-mix(in srgb, var(--primary-color) 14%, transparent);
    border-color: color-mix(in srgb, var(--primary-color) 55%, var(--primary-text-color));
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid color-mix(in srgb, var(--primary-color) 60%, var(--primary-text-color));
    outline-offset: 2px;
  }
  input:not([type="checkbox"], [type="range"], [type="file"]),
  select,
  textarea {
    max-width: 100%;
    font: inherit;
    min-height: 44px;
    padding: 8px 12px;
    border-radius: 8px;
    border: 1px solid color-mix(in srgb, var(--primary-text-color) 45%, transparent);
    background: var(--card-background-color);
    color: inherit;
    color-scheme: inherit;
  }
  input[type="checkbox"] {
    flex: none;
    width: 24px;
    height: 24px;
    margin: 0;
    accent-color: color-mix(in srgb, var(--primary-color) 75%, var(--primary-text-color));
  }
  /* How far something is. */
  .level {
    height: 8px;
    margin-block-start: 10px;
    border-radius: 4px;
    overflow: hidden;
    background: var(--quiet);
  }
  .level > span {
    display: block;
    height: 100%;
    background: color-mix(in srgb, var(--primary-color) 80%, var(--primary-text-color));
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    font-size: 0.8125rem;
    padding: 2px 10px;
    border-radius: 12px;
    background: var(--quiet);
    color: var(--primary-text-color);
  }
  .warn {
    border-inline-start: 4px solid color-mix(in srgb, var(--warning-color, #ffa600) 75%, var(--primary-text-color));
  }
  ha-icon {
    --mdc-icon-size: 22px;
    width: 22px;
    height: 22px;
    flex: none;
  }
  /* What a part of the home is drawn in, by its name. */
  .sun {
    --of: var(--sun);
  }
  .battery {
    --of: var(--battery);
  }
  .grid {
    --of: var(--grid);
  }
  .export {
    --of: var(--export);
  }
  .home {
    --of: var(--home);
  }
  .car {
    --of: var(--car);
  }
  .inverter,
  .loads {
    --of: var(--loads);
  }
  summary {
    cursor: pointer;
    min-height: 44px;
    display: flow-root list-item;
    align-content: center;
    list-style-position: inside;
  }
  p[role="alert"]:empty {
    display: none;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  /* Where the system chooses the colours, those that say something stay, and so does what is chosen. */
  @media (forced-colors: active) {
    .bar,
    .level,
    .cells,
    .carbon,
    .interval,
    .keys,
    .track,
    .dot,
    .badge {
      forced-color-adjust: none;
    }
    .level,
    .flow .bar,
    .interval {
      border: 1px solid CanvasText;
    }
    .keys {
      color: CanvasText;
    }
    [aria-pressed="true"],
    [aria-current="page"] .icon {
      outline: 3px solid Highlight;
      outline-offset: -3px;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .bar > span,
    .level > span {
      transition: flex-grow 0.4s, width 0.4s;
    }
  }
`;
