import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import { consoleStyle } from "../style";

/** Programs that act for somebody: one's tokens, and for the operator the clients of the VTN. */
export class AccessPage extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  protected override render(): TemplateResult {
    const { account, words } = this.context;
    return html`<div class="page">
      <h1>${words.t("page_access")}</h1>
      <hc-own-tokens .context=${this.context}></hc-own-tokens>
      ${account.role === "operator" ? html`<hc-clients .context=${this.context}></hc-clients>` : nothing}
    </div>`;
  }

  static override styles = consoleStyle;
}
