import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Context } from "../context";
import type { Plan, Wish, WishedDevice } from "../data/documents";
import type { Format } from "../data/format";
import { type Changed, costOfChange } from "../data/plan";
import { shared } from "../style";
import { choicesOf } from "./choices";
import { iconOf } from "./device_card";
import { moneySaid } from "./money_said";
import { timeChoice } from "./time_choice";
import { toggleBox } from "./toggle";

type Value = Wish["value"];

interface Done extends Changed {
  device: WishedDevice;
  wish: string;
  before: Value;
}

/** What a slider moves of a wish, and how that is told. */
interface Scale {
  step: number;
  shown: (value: number) => number;
  wished: (shown: number) => number;
  told: (value: number) => string;
}

const same = (value: number): number => value;

/** How a number is moved, and told. */
const SCALES: Record<"share" | "energy" | "temperature", (format: Format) => Scale> = {
  share: (format) => ({
    step: 5,
    shown: (share) => share * 100,
    wished: (shown) => shown / 100,
    told: (share) => format.percent(share),
  }),
  energy: (format) => ({ step: 1, shown: same, wished: same, told: (kWh) => format.energy(kWh * 1000) }),
  temperature: (format) => ({
    step: format.thermometer.step,
    shown: format.thermometer.shown,
    wished: format.thermometer.celsius,
    told: (celsius) => format.temperature(celsius),
  }),
};

/** Between what a slider is moved: whole steps within the bounds of what may be wished. */
export function ends({ step, shown }: Pick<Scale, "step" | "shown">, [least, most]: [number, number]): [number, number] {
  // What is no whole number in binary is one all the same.
  const nothing = 1e-9;
  return [Math.ceil(shown(least) / step - nothing) * step, Math.floor(shown(most) / step + nothing) * step];
}

/** What a change of a wish costs, by the plan that came of it; before that is there it is planned. */
export function costSaid(context: Context, costs: number | undefined): string {
  if (costs === undefined) return context.words.t("wish_plans");
  return moneySaid(context, costs, { nothing: "wish_costs_nothing", above: "wish_costs", below: "wish_saves" });
}

function keyOf({ device_id }: WishedDevice, wish: string): string {
  return `wish:${device_id}:${wish}`;
}

/** The wishes a plan goes by, changed in place; the plan that comes of it says what the change costs. */
export class PlanWishes extends LitElement {
  static override properties = {
    context: { attribute: false },
    wishes: { attribute: false },
    plan: { attribute: false },
    done: { state: true },
    refused: { state: true },
    moving: { state: true },
  };
  declare context: Context;
  declare wishes: WishedDevice[];
  declare plan: Plan | undefined;
  /** The last change, offered to be taken back. */
  declare done: Done | undefined;
  declare refused: string | undefined;
  /** What a slider shows while it is moved. */
  declare moving: { key: string; value: number } | undefined;

  protected override render(): TemplateResult | typeof nothing {
    if (!this.wishes.length) return nothing;
    const { words } = this.context;
    return html`<section class="card">
      <h2>${words.t("wishes")}</h2>
      ${this.wishes.map(
        (device) => html`<fieldset>
          <legend class="row"><ha-icon icon=${iconOf(device.kind)}></ha-icon><span class="grow">${device.name}</span></legend>
          ${device.wishes.map((wish) => this.#wish(device, wish))}
        </fieldset>`,
      )}
      <div role="status">${this.done ? this.#said(this.done) : nothing}</div>
      <p role="alert">${this.refused ?? nothing}</p>
    </section>`;
  }

  #wish(device: WishedDevice, wish: Wish): TemplateResult {
    const { words } = this.context;
    const key = keyOf(device, wish.wish);
    return html`<label>
      <span class="grow">${words.t(`wish_${wish.wish}`)}</span>
      ${this.#field(device, wish, key)}
    </label>`;
  }

  #field(device: WishedDevice, { wish, shape, value: told, choices, bounds }: Wish, key: string): TemplateResult {
    const { context } = this;
    const isOff = !context.maySteer || !context.isFresh;
    const value = context.clicked.shown(key, told);
    const change = (to: Value): void => void this.#change(device, wish, value, to);
    if (shape === "switch") return toggleBox(context, value === true, change);
    if (shape === "choice") {
      return html`<select
        ?disabled=${isOff}
        @change=${(event: Event) => change((event.target as HTMLSelectElement).value)}
      >
        ${choicesOf(choices, String(value), (each) => context.words.choice(wish, each))}
      </select>`;
    }
    if (shape === "time") return timeChoice(context, value === null ? null : String(value), change);
    if (!bounds || value === null) return html`<output>${context.words.t("unknown")}</output>`;
    const scale = SCALES[shape](context.format);
    const [least, most] = ends(scale, bounds);
    const shown = this.moving?.key === key ? this.moving.value : scale.shown(Number(value));
    const said = scale.told(scale.wished(shown));
    return html`<span class="set"><input
        type="range"
        min=${least}
        max=${most}
        step=${scale.step}
        .value=${live(String(shown))}
        aria-valuetext=${said}
        ?disabled=${isOff}
        @input=${(event: Event) => (this.moving = { key, value: Number((event.target as HTMLInputElement).value) })}
        @change=${(event: Event) => {
          this.moving = undefined;
          change(scale.wished(Number((event.target as HTMLInputElement).value)));
        }}
      /><output class="number">${said}</output></span>`;
  }

  #said(done: Done): TemplateResult {
    const { words } = this.context;
    return html`<p>${costSaid(this.context, costOfChange(done, this.plan))}</p>
      <div class="actions">
        <button @click=${() => this.#change(done.device, done.wish, undefined, done.before)}>${words.t("undo")}</button>
      </div>`;
  }

  /** Without a value before it is something that is taken back. */
  async #change(device: WishedDevice, wish: string, before: Value | undefined, value: Value): Promise<void> {
    const { plan, context } = this;
    try {
      const asked = { type: "home_flex/wish", device_id: device.device_id, wish, value };
      await context.clicked.choose(keyOf(device, wish), value, () => context.connection.sendMessagePromise(asked));
      this.refused = undefined;
      this.done =
        before === undefined
          ? undefined
          : { device, wish, before, madeAt: plan?.made_at, start: plan?.start, cost: plan?.cost };
      this.dispatchEvent(new CustomEvent("wished"));
    } catch (error) {
      this.refused = context.words.refusal(error);
    }
  }

  static override styles = [
    shared,
    css`
      /* Within a card of another. */
      :host([inner]) .card {
        border: 0;
        padding: 0;
      }
      :host([inner]) h2 {
        display: none;
      }
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
      }
      fieldset + fieldset {
        margin-block-start: 10px;
        padding-block-start: 10px;
        border-block-start: 1px solid var(--divider-color);
      }
      legend {
        padding: 0;
        font-weight: 500;
        float: inline-start;
        width: 100%;
      }
      legend + * {
        clear: both;
      }
      label {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 6px 12px;
        min-height: 48px;
      }
      /* A number stays beside what sets it. */
      .set {
        flex: 1 1 165px;
        max-width: 250px;
        display: flex;
        align-items: center;
        gap: 12px;
        margin-inline-start: auto;
      }
      input[type="range"] {
        flex: 1 1 80px;
        min-width: 60px;
        height: 24px;
        margin: 0;
        appearance: none;
        background: none;
        --track: color-mix(in srgb, var(--primary-color) 35%, var(--divider-color));
        --thumb: color-mix(in srgb, var(--primary-color) 75%, var(--primary-text-color));
      }
      input[type="range"]::-webkit-slider-runnable-track {
        height: 6px;
        border-radius: 3px;
        background: var(--track);
      }
      input[type="range"]::-webkit-slider-thumb {
        appearance: none;
        width: 20px;
        height: 20px;
        margin-block-start: -7px;
        border-radius: 50%;
        background: var(--thumb);
      }
      input[type="range"]::-moz-range-track {
        height: 6px;
        border-radius: 3px;
        background: var(--track);
      }
      input[type="range"]::-moz-range-thumb {
        width: 20px;
        height: 20px;
        border: 0;
        border-radius: 50%;
        background: var(--thumb);
      }
      output {
        min-width: 4.5em;
        text-align: end;
      }
      p[role]:empty,
      div[role]:empty {
        display: none;
      }
    `,
  ];
}
