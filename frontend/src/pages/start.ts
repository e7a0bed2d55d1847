import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type Context, go, isBusy, leave, steer } from "../context";
import type { FirstRun } from "../data/documents";
import { FoundDevices } from "../parts/found_devices";
import { toggle } from "../parts/toggle";
import { define } from "../define";
import { shared } from "../style";

define("hf-found", FoundDevices);

const STEPS = ["tariff", "meter", "devices", "wishes", "plan"] as const;
type Step = (typeof STEPS)[number];
/** The words for what the Energy dashboard calls its sources. */
const ENERGY_PARTS: Record<string, string> = {
  grid: "kind_grid_meter",
  solar: "kind_pv",
  battery: "kind_battery",
  devices: "energy_devices",
};
const SITE_PAGE = "/config/integrations/integration/home_flex";

/** The guided first run: from an empty home to its first plan; every step can be left for later. */
export class StartPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    offer: { state: true },
    refused: { state: true },
    hasExamples: { state: true },
    isFilled: { state: true },
    said: { state: true },
  };
  declare context: Context;
  declare offer: FirstRun | undefined;
  declare refused: string | undefined;
  declare hasExamples: boolean;
  /** Whether the Energy dashboard was filled in from here. */
  declare isFilled: boolean;
  /** What became of a wish for the whole home. */
  declare said: string | undefined;
  #asked: string | undefined;

  constructor() {
    super();
    this.hasExamples = false;
    this.isFilled = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { now, isFresh, maySetUp } = this.context;
    // What was found and what is wished is asked for anew when the home has become another one.
    const of = JSON.stringify([now.open_steps, now.devices.map(({ device_id }) => device_id), maySetUp, isFresh]);
    if (changed.has("context") && maySetUp && isFresh && of !== this.#asked) {
      this.#asked = of;
      void this.#ask();
    }
  }

  async #ask(): Promise<void> {
    try {
      this.offer = await this.context.connection.sendMessagePromise<FirstRun>({ type: "home_flex/first_run" });
      this.refused = undefined;
    } catch (error) {
      this.#asked = undefined;
      this.refused = this.context.words.refusal(error);
    }
  }

  protected override render(): TemplateResult {
    const { words, format, now, maySetUp } = this.context;
    const done = STEPS.filter((step) => !now.open_steps.includes(step)).length;
    return html`<div class="stack">
      <section class="card">
        <h2>${words.t("start_welcome")}</h2>
        <p>${words.t("start_promise")}</p>
        <p class="quiet">
          ${words.t("start_done", { done: format.number(done), all: format.number(STEPS.length) })}
        </p>
        <div class="level" aria-hidden="true"><span .style=${`width:${(100 * done) / STEPS.length}%`}></span></div>
        <p role="alert">${this.refused ?? nothing}</p>
      </section>
      ${maySetUp
        ? html`<ol class="stack">
            ${STEPS.map((step) => this.#step(step))}
          </ol>
          ${this.#energyDashboard()} ${this.#examples()}`
        : html`<p class="card">${words.t("start_only_admin")}</p>`}
    </div>`;
  }

  #energyDashboard(): TemplateResult | typeof nothing {
    const { words, isFresh } = this.context;
    const lacking = this.offer?.lacking_in_energy ?? [];
    if (!this.isFilled && !lacking.length) return nothing;
    const parts = lacking.map((type) => words.t(ENERGY_PARTS[type] ?? "energy_devices")).join(", ");
    return html`<section class="card">
      <h3>${words.t("energy_dashboard")}</h3>
      ${this.isFilled
        ? html`<p role="status">${words.t("energy_dashboard_filled")}</p>`
        : html`<p class="quiet">${words.t("energy_dashboard_lacks", { parts })}</p>`}
      <div class="actions">
        ${this.isFilled
          ? html`<a class="button" href="/energy">${words.t("open_energy_dashboard")}</a>`
          : html`<button ?disabled=${!isFresh} @click=${this.#fillEnergyDashboard}>
              ${words.t("do_fill_energy_dashboard")}
            </button>`}
      </div>
    </section>`;
  }

  #fillEnergyDashboard = async (): Promise<void> => {
    try {
      await this.#call("fill_energy_dashboard");
      this.isFilled = true;
    } catch (error) {
      this.refused = this.context.words.refusal(error);
    }
  };

  #examples(): TemplateResult {
    const { words, isFresh } = this.context;
    return html`<section class="card">
      <h3>${words.t("examples")}</h3>
      <p class="quiet">${words.t("examples_about")}</p>
      <div class="actions">
        ${this.hasExamples
          ? html`<a class="button" href="/config/blueprint/dashboard">${words.t("examples")}</a>`
          : html`<button ?disabled=${!isFresh} @click=${this.#addExamples}>${words.t("do_add_examples")}</button>`}
      </div>
      <p role="status">${this.hasExamples ? words.t("examples_added") : nothing}</p>
    </section>`;
  }

  #addExamples = async (): Promise<void> => {
    try {
      await this.#call("add_examples");
      this.hasExamples = true;
    } catch (error) {
      this.refused = this.context.words.refusal(error);
    }
  };

  #step(step: Step): TemplateResult {
    const { words, now, later } = this.context;
    const isOpen = now.open_steps.includes(step);
    const isLater = isOpen && later.has(step);
    const icon = !isOpen ? "mdi:check-circle" : isLater ? "mdi:clock-outline" : "mdi:circle-outline";
    return html`<li class="card ${isOpen && !isLater ? "open" : ""}">
      <div class="row">
        <ha-icon class=${isOpen ? "" : "done"} icon=${icon}></ha-icon>
        <h3 class="grow">${words.t(`step_${step}`)}</h3>
        ${isOpen && !isLater ? nothing : html`<span class="chip">${words.t(isLater ? "start_later" : "start_known")}</span>`}
      </div>
      ${isLater ? nothing : this.#body(step, isOpen)}
      ${isOpen && step !== "plan"
        ? html`<div class="actions">
            ${isLater ? nothing : this.#ways(step)}
            <button @click=${() => leave(this, { steps: [step], isLater: !isLater })}>
              ${words.t(isLater ? "start_take_up" : "later")}
            </button>
          </div>`
        : nothing}
    </li>`;
  }

  #body(step: Step, isOpen: boolean): TemplateResult | typeof nothing {
    const { words } = this.context;
    switch (step) {
      case "devices":
        return this.#devices(isOpen);
      case "wishes":
        return this.#wishes();
      case "plan":
        return this.#plan();
      case "meter":
        return isOpen && this.offer
          ? html`<p class="quiet">${words.t(this.#isFound("grid_meter") ? "missing_meter_found" : "missing_meter")}</p>`
          : nothing;
      default:
        return isOpen ? html`<p class="quiet">${words.t(`missing_${step}`)}</p>` : nothing;
    }
  }

  /** What opens the dialog in which a step is done. */
  #ways(step: Step): TemplateResult | typeof nothing {
    const { words } = this.context;
    const isLinked = step === "tariff" || (step === "meter" && this.offer && !this.#isFound("grid_meter")) || step === "devices";
    return isLinked ? html`<a class="button" href=${SITE_PAGE}>${words.t(`do_step_${step}`)}</a>` : nothing;
  }

  #isFound(kind: string): boolean {
    return this.offer?.found.some((device) => device.kind === kind) ?? false;
  }

  #devices(isOpen: boolean): TemplateResult {
    const { words } = this.context;
    const known = this.offer?.known_to_energy ?? [];
    return html`
      ${this.offer?.found.length
        ? html`<hf-found .context=${this.context} .found=${this.offer.found} @added=${() => this.#ask()}></hf-found>`
        : isOpen && this.offer
          ? html`<p class="quiet">${words.t("missing_devices")}</p>`
          : nothing}
      ${known.length
        ? html`<p class="quiet">
            ${words.t("start_known_to_energy", { kinds: known.map((kind) => words.t(`kind_${kind}`)).join(", ") })}
            <a href=${SITE_PAGE}>${words.t("do_step_meter")}</a>
          </p>`
        : nothing}
    `;
  }

  #wishes(): TemplateResult | typeof nothing {
    const { offer, context } = this;
    if (!offer) return nothing;
    const { words } = context;
    return html`<p class="quiet">${words.t(offer.wished.length ? "wish_what" : "wish_no_devices")}</p>
      <hf-wishes inner .context=${context} .wishes=${offer.wished} @wished=${() => this.#ask()}></hf-wishes>
      <label>
        ${toggle(context, {
          key: "never_feeds_in",
          told: offer.never_feeds_in,
          change: (isNever) => this.#feedIn(isNever),
          refused: (error) => (this.said = words.refusal(error)),
        })}
        <span class="grow">${words.t("wish_never_feed_in")}</span>
      </label>
      <p role="status">${this.said ?? nothing}</p>`;
  }

  async #feedIn(isNever: boolean): Promise<void> {
    await this.#call("set_export", { mode: isNever ? "never" : "allowed" });
    this.said = this.context.words.t("wish_kept");
    await this.#ask();
  }

  #call(service: string, service_data: Record<string, unknown> = {}): Promise<unknown> {
    const { connection } = this.context;
    return connection.sendMessagePromise({ type: "call_service", domain: "home_flex", service, service_data });
  }

  #plan(): TemplateResult {
    const { words, now, maySteer, isFresh } = this.context;
    if (now.open_steps.includes("plan")) {
      const lacks = now.open_steps.filter((step) => ["tariff", "meter", "devices"].includes(step));
      return html`<p class="quiet">
        ${lacks.length
          ? words.t("missing_plan", { steps: lacks.map((step) => words.t(`step_${step}`)).join(", ") })
          : words.t("plan_none")}
      </p>`;
    }
    return html`<p class="quiet">${words.t(now.follows_plan ? "runs_by_plan" : "runs_by_rules")}</p>
      <div class="actions">
        <button class="main" @click=${() => go(this, "plan")}>${words.t("start_see_plan")}</button>
        ${now.follows_plan
          ? nothing
          : html`<button
              ?disabled=${!maySteer || !isFresh || isBusy(this.context, "follow_plan", "")}
              @click=${() => steer(this, { does: "follow_plan", target: "" })}
            >
              ${words.t("do_follow_plan")}
            </button>`}
      </div>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        max-width: 720px;
        margin-inline: auto;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li.open {
        border-inline-start: 4px solid color-mix(in srgb, var(--primary-color) 70%, var(--primary-text-color));
      }
      p {
        margin-block-start: 8px;
        line-height: 1.4;
      }
      p[role]:empty {
        display: none;
      }
      label {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 48px;
      }
      .done {
        color: color-mix(in srgb, var(--success-color, #43a047) 75%, var(--primary-text-color));
      }
      p a {
        color: inherit;
      }
    `,
  ];
}
