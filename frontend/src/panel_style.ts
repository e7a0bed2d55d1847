import { css } from "lit";

/** The panel's own frame: its bar, its menu (below on a phone, above on a desk), banner and toast. */
export const panelStyle = css`
  :host {
    min-height: 100vh;
    min-height: 100dvh;
    background: var(--primary-background-color);
    padding-bottom: calc(72px + env(safe-area-inset-bottom));
  }
  header {
    position: sticky;
    top: 0;
    z-index: 3;
    display: flex;
    align-items: center;
    gap: 4px;
    min-height: var(--header-height, 56px);
    padding-block-start: env(safe-area-inset-top);
    padding-inline: 4px 16px;
    background: var(--app-header-background-color, var(--primary-background-color));
    color: var(--app-header-text-color, var(--primary-text-color));
    border-block-end: 1px solid var(--divider-color);
  }
  h1 {
    font-size: 1.25rem;
    font-weight: 500;
    margin: 0;
    margin-inline-start: 8px;
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .status {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-size: 0.8125rem;
    white-space: nowrap;
  }
  .dot {
    width: 9px;
    height: 9px;
    border-radius: 50%;
    border: 2px solid currentColor;
  }
  .live .dot {
    background: var(--success-color, #43a047);
    border-color: var(--success-color, #43a047);
  }
  nav {
    position: fixed;
    z-index: 3;
    inset: auto 0 0 0;
    display: flex;
    background: var(--card-background-color);
    border-block-start: 1px solid var(--divider-color);
    padding-bottom: env(safe-area-inset-bottom);
  }
  nav a {
    flex: 1;
    min-width: 0;
    min-height: 60px;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 2px;
    font-size: 0.75rem;
    color: var(--secondary-text-color);
    text-decoration: none;
  }
  /* On a phone there is room for five: this one is reached from the devices. */
  nav a.performance {
    display: none;
  }
  nav a > span:last-child {
    max-width: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  nav .icon {
    position: relative;
    display: grid;
    place-items: center;
    width: 56px;
    height: 28px;
    border-radius: 14px;
  }
  nav a[aria-current="page"] {
    color: var(--primary-text-color);
    font-weight: 500;
  }
  nav a[aria-current="page"] .icon {
    background: color-mix(in srgb, var(--primary-color) 22%, transparent);
  }
  @media (max-width: 869px) {
    nav a.from .icon {
      background: color-mix(in srgb, var(--primary-color) 22%, transparent);
    }
  }
  .badge {
    position: absolute;
    inset-block-start: 1px;
    inset-inline-end: 12px;
    width: 10px;
    height: 10px;
    border-radius: 50%;
    background: var(--error-color, #db4437);
  }
  main {
    max-width: 1200px;
    margin-inline: auto;
    padding: 12px;
  }
  .wall {
    max-width: none;
  }
  .elsewhere {
    margin-block-end: 8px;
    font-size: 0.8125rem;
  }
  .page {
    transition: opacity 0.2s;
  }
  .page.old {
    opacity: 0.6;
  }
  .none {
    display: none;
  }
  .banner:not(.none) {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 12px 16px;
    margin-block-end: 12px;
    border-radius: var(--ha-card-border-radius, 12px);
  }
  .bad {
    background: color-mix(in srgb, var(--warning-color, #ffa600) 22%, var(--card-background-color));
  }
  .good {
    background: color-mix(in srgb, var(--success-color, #43a047) 22%, var(--card-background-color));
  }
  .blocks {
    display: grid;
    gap: 12px;
  }
  .blocks i {
    height: 150px;
    border-radius: 12px;
    background: var(--quiet);
  }
  .toast:not(.none) {
    position: fixed;
    z-index: 4;
    inset: auto 12px calc(72px + env(safe-area-inset-bottom)) 12px;
    margin-inline: auto;
    max-width: 560px;
    display: flex;
    align-items: center;
    gap: 12px;
    justify-content: space-between;
    padding-block: 10px;
    padding-inline: 16px 12px;
    border-radius: 12px;
    background: var(--primary-text-color);
    color: var(--primary-background-color);
    box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
  }
  .toast button {
    color: inherit;
    border-color: currentColor;
  }
  @media (min-width: 1000px) {
    .wall {
      zoom: 1.2;
    }
  }
  @media (min-width: 870px) {
    :host {
      padding-bottom: 24px;
    }
    nav {
      position: static;
      justify-content: center;
      gap: 8px;
      border: 0;
      border-block-end: 1px solid var(--divider-color);
    }
    nav a {
      flex: 0 0 auto;
      flex-direction: row;
      min-height: 52px;
      padding-inline: 12px;
      font-size: 0.9375rem;
      gap: 6px;
    }
    nav a.performance {
      display: flex;
    }
    nav .icon {
      width: 32px;
    }
    nav .badge {
      inset-inline-end: 0;
    }
    main {
      padding: 20px;
    }
    .toast:not(.none) {
      inset-block-end: 24px;
    }
  }
`;
