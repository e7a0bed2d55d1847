import { css } from "lit";

/** What is filled in and pressed: fields, buttons, dialogs. */
export const formStyle = css`
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
`;
