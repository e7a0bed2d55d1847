import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { FoundDevice } from "../data/documents";
import { enteredIn } from "../data/thermometer";
import { shared } from "../style";
import { iconOf } from "./device_card";

export interface Taken {
  numbers: Record<string, number>;
  controlled: boolean;
}

/** What the form begins with: what is suggested is ticked, with the numbers that most devices have. */
export function begun(found: FoundDevice[], before: Record<string, Taken | undefined>): Record<string, Taken | undefined> {
  const suggested = ({ asks, is_suggested }: FoundDevice): Taken | undefined =>
    is_suggested
      ? {
          numbers: Object.fromEntries(asks.flatMap(({ role, suggested: value }) => (value === null ? [] : [[role, value]]))),
          controlled: false,
        }
      : undefined;
  return Object.fromEntries(found.map((each) => [each.key, each.key in before ? before[each.key] : suggested(each)]));
}

/** The devices that were found: tick, enter what no entity tells, agree to steering, and add all in one click. */
export class FoundDevices extends LitElement {
  static override properties = {
    context: { attribute: false },
    found: { attribute: false },
    taken: { state: true },
    busy: { state: true },
    refused: { state: true },
  };
  declare context: Context;
  declare found: FoundDevice[];
  declare taken: Record<string, Taken | undefined>;
  declare busy: boolean;
  declare refused: string | undefined;

  constructor() {
    super();
    this.found = [];
    this.taken = {};
    this.busy = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("found")) this.taken = begun(this.found, this.taken);
  }

  protected override render(): TemplateResult {
    const { words, isFresh } = this.context;
    const isAny = this.found.some(({ key }) => this.taken[key]);
    return html`<p class="quiet">${words.t("found_devices")}</p>
      <ul>
        ${this.found.map((device) => this.#device(device))}
      </ul>
      <p role="alert">${this.refused ?? nothing}</p>
      <div class="actions">
        <button class="main" ?disabled=${!isAny || !isFresh || this.busy} @click=${this.#add}>
          ${words.t("do_add_found")}
        </button>
      </div>`;
  }

  #device(device: FoundDevice): TemplateResult {
    const { words } = this.context;
    const taken = this.taken[device.key];
    return html`<li>
      <label>
        <input
          type="checkbox"
          .checked=${taken !== undefined}
          @change=${(event: Event) => this.#tick(device, (event.target as HTMLInputElement).checked)}
        />
        <ha-icon icon=${iconOf(device.kind ?? "")}></ha-icon>
        <span class="grow">${device.name}</span>
      </label>
      ${taken
        ? html`<div class="more">
            ${device.asks.map((asked) => this.#number(device, taken, asked))}
            ${device.consent === null
              ? nothing
              : html`<label>
                    <input
                      type="checkbox"
                      .checked=${taken.controlled}
                      @change=${(event: Event) => this.#set(device, { ...taken, controlled: (event.target as HTMLInputElement).checked })}
                    />
                    <span class="grow">${words.t("found_controlled")}</span>
                  </label>
                  <p class="quiet">${device.consent}</p>`}
          </div>`
        : nothing}
    </li>`;
  }

  #number(device: FoundDevice, { numbers }: Taken, { role, unit: asked, most }: FoundDevice["asks"][number]): TemplateResult {
    const { words, format } = this.context;
    const { unit, shown, meant } = enteredIn(asked, format.thermometer);
    const value = numbers[role];
    return html`<label>
      <span class="grow">${words.nameplate(role)}</span>
      <input
        type="number"
        inputmode="decimal"
        min=${shown(0)}
        max=${shown(most)}
        step="any"
        .value=${value === undefined ? "" : String(shown(value))}
        @change=${(event: Event) => this.#enter(device, role, meant((event.target as HTMLInputElement).valueAsNumber))}
      />
      <span class="unit">${unit}</span>
    </label>`;
  }

  #tick(device: FoundDevice, isTaken: boolean): void {
    const offered = begun([{ ...device, is_suggested: true }], {})[device.key];
    this.taken = { ...this.taken, [device.key]: isTaken ? offered : undefined };
  }

  #enter(device: FoundDevice, role: string, value: number): void {
    const taken = this.taken[device.key];
    if (taken) this.#set(device, { ...taken, numbers: { ...taken.numbers, [role]: Number.isFinite(value) ? value : 0 } });
  }

  #set({ key }: FoundDevice, taken: Taken): void {
    this.taken = { ...this.taken, [key]: taken };
  }

  #add = async (): Promise<void> => {
    this.busy = true;
    try {
      await this.context.connection.sendMessagePromise({
        type: "home_flex/accept",
        devices: this.found.flatMap(({ key }) => {
          const taken = this.taken[key];
          return taken ? [{ key, ...taken }] : [];
        }),
      });
      this.refused = undefined;
      this.dispatchEvent(new CustomEvent("added"));
    } catch (error) {
      this.refused = this.context.words.refusal(error);
    } finally {
      this.busy = false;
    }
  };

  static override styles = [
    shared,
    css`
      p {
        margin-block-start: 8px;
        line-height: 1.4;
      }
      label {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 48px;
      }
      li + li {
        border-block-start: 1px solid var(--divider-color);
      }
      .more {
        padding-inline-start: 34px;
      }
      .more p {
        margin-block: 0 10px;
        font-size: 0.875rem;
      }
      input[type="number"] {
        width: 6em;
        text-align: end;
      }
      .unit {
        width: 2.5em;
      }
    `,
  ];
}
