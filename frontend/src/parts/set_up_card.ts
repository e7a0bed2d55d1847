import { html, nothing, type TemplateResult } from "lit";
import { type Context, go, leave } from "../context";

/** Without these a home neither plans nor shows anything; wishes and the plan itself can wait. */
const NEEDED = ["tariff", "meter", "devices"];

/** What is still to be set up, while there is anything that this user has not left for later. */
export function setUpCard(context: Context): TemplateResult | typeof nothing {
  const { words, now, later, maySetUp } = context;
  const steps = now.open_steps.filter((step) => NEEDED.includes(step) && !later.has(step));
  const isEmpty = !now.has_meter && !now.devices.length;
  if (!steps.length && !isEmpty) return nothing;
  if (!maySetUp) {
    return isEmpty ? html`<section class="card"><h2>${words.t("start_welcome")}</h2><p>${words.t("start_only_admin")}</p></section>` : nothing;
  }
  return html`<section class="card">
    <h2>${words.t(isEmpty ? "start_welcome" : "start")}</h2>
    <p>${isEmpty ? words.t("start_empty") : words.t("start_left", { steps: steps.map((step) => words.t(`step_${step}`)).join(", ") })}</p>
    <div class="actions">
      <button class="main" @click=${(click: Event) => go(click.currentTarget as HTMLElement, "start")}>${words.t("set_up")}</button>
      ${isEmpty
        ? nothing
        : html`<button @click=${(click: Event) => leave(click.currentTarget as HTMLElement, { steps, isLater: true })}>
            ${words.t("later")}
          </button>`}
    </div>
  </section>`;
}
