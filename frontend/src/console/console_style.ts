import { css } from "lit";

/** The console's own frame: its bar, its menu (above on a phone, beside on a desk) and its foot. */
export const pageStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto auto 1fr auto;
    min-height: 100vh;
    min-height: 100dvh;
  }
  header {
    display: flex;
    align-items: center;
    gap: 4px 12px;
    padding: 8px 16px;
    background: var(--card-background-color);
    border-block-end: 1px solid var(--divider-color);
  }
  .product {
    font-weight: 700;
    letter-spacing: -0.01em;
    color: var(--primary-color);
    flex: 1 1 auto;
    white-space: nowrap;
  }
  .who {
    text-align: end;
    font-size: 0.875rem;
    line-height: 1.25;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  header button {
    flex: none;
    white-space: nowrap;
  }
  .who small {
    display: block;
    color: var(--secondary-text-color);
  }
  nav {
    background: var(--card-background-color);
    border-block-end: 1px solid var(--divider-color);
    overflow-x: auto;
    scrollbar-width: thin;
  }
  nav ul {
    display: flex;
    padding-inline: 8px;
  }
  nav a {
    display: flex;
    align-items: center;
    min-height: 44px;
    padding-inline: 12px;
    color: var(--primary-text-color);
    text-decoration: none;
    white-space: nowrap;
    border-block-end: 3px solid transparent;
  }
  nav a[aria-current] {
    border-color: var(--primary-color);
    font-weight: 600;
  }
  main {
    padding: 16px;
    min-width: 0;
    outline: 0;
  }
  .failed {
    max-width: 480px;
    margin: 10vh auto;
  }
  footer {
    padding: 8px 16px 20px;
    display: flex;
    justify-content: flex-end;
  }
  .language select {
    width: auto;
    border-color: transparent;
    background: transparent;
    color: var(--secondary-text-color);
    font-size: 0.875rem;
  }
  .language option {
    background: var(--card-background-color);
  }
  .skip {
    position: absolute;
    inset-inline-start: -999px;
  }
  .skip:focus {
    inset-inline-start: 16px;
    inset-block-start: 8px;
    background: var(--card-background-color);
    padding: 8px 12px;
    z-index: 1;
  }
  @media (min-width: 900px) {
    :host {
      grid-template-columns: 208px minmax(0, 1fr);
      grid-template-rows: auto 1fr auto;
    }
    header {
      grid-column: 1 / -1;
      padding-inline: 24px;
    }
    nav {
      grid-row: 2 / 4;
      border-block-end: 0;
      border-inline-end: 1px solid var(--divider-color);
      padding-block: 12px;
    }
    nav ul {
      display: grid;
      gap: 2px;
      position: sticky;
      inset-block-start: 12px;
    }
    nav a {
      border: 0;
      border-radius: 8px;
    }
    nav a:hover {
      background: var(--quiet);
    }
    nav a[aria-current] {
      background: color-mix(in srgb, var(--primary-color) 13%, transparent);
    }
    main {
      padding: 24px;
      max-width: 1240px;
      width: 100%;
    }
    hc-sign-in {
      grid-column: 1 / -1;
      grid-row: 1 / 3;
    }
    hc-sign-in ~ footer {
      grid-column: 1 / -1;
    }
  }
`;
