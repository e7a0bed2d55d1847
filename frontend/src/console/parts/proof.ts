import { html, type TemplateResult } from "lit";
import type { Context } from "../context";

/** What a form asks for before what a stolen session must not do: the password, or a proof at a provider. */
export function proofField({ account, words: { t } }: Context, label: "password" | "password_now" = "password"): TemplateResult {
  return account.has_password
    ? html`<label>${t(label)}<input name="password" type="password" required autocomplete="current-password" /></label>`
    : html`<p class="hint">${t("proof_first")}</p>`;
}
