import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { FirstRun, WishedDevice } from "../data/documents";
import { shared } from "../style";

const RESERVES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const READY_AT = "07:00";

/** What residents want most: a reserve in the battery, a car that is ready, nothing fed in. Each is an action. */
export class Wishing extends LitElement {
  static override properties = {
    context: { attribute: false },
    offer: { attribute: false },
    said: { state: true },
    busy: { state: true },
  };
  declare context: Context;
  declare offer: FirstRun | undefined;
  declare said: string | undefined;
  declare busy: boolean;

  constructor() {
    super();
    this.busy = false;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words } = this.context;
    if (!this.offer) return nothing;
    const { wished, never_feeds_in } = this.offer;
    return html`<p class="quiet">${words.t(wished.length ? "wish_what" : "wish_no_devices")}</p>
      <ul>
        ${wished.map((device) => html`<li>${device.kind === "battery" ? this.#reserve(device) : this.#readyBy(device)}</li>`)}
        <li>
          ${this.#tick(words.t("wish_never_feed_in"), never_feeds_in, (isOn) =>
            this.#act("set_export", { mode: isOn ? "never" : "allowed" }),
          )}
        </li>
      </ul>
      <p role="status">${this.said ?? nothing}</p>`;
  }

  #reserve(device: WishedDevice): TemplateResult {
    const { words, format } = this.context;
    const reserve = device.reserve ?? 0;
    const choices = RESERVES.some((each) => Math.abs(each - reserve) < 0.005) ? RESERVES : [...RESERVES, reserve].sort();
    return html`<label>
      <span class="grow">${words.t("first_wish_reserve", { name: device.name })}</span>
      <select
        ?disabled=${this.#isLocked}
        @change=${(event: Event) =>
          this.#act("set_reserve", {
            device_id: device.registry_id,
            value: Math.round(Number((event.target as HTMLSelectElement).value) * 100),
          })}
      >
        ${choices.map(
          (each) => html`<option value=${each} .selected=${Math.abs(each - reserve) < 0.005}>${format.percent(each)}</option>`,
        )}
      </select>
    </label>`;
  }

  #readyBy(device: WishedDevice): TemplateResult {
    const { words, format } = this.context;
    const time = format.clock(READY_AT);
    return this.#tick(words.t("first_wish_ready_by", { name: device.name, time }), device.ready_by ?? false, (isOn) =>
      isOn
        ? this.#act("set_ready_by", { device_id: device.registry_id, time: READY_AT, repeat: true })
        : this.#act("clear_ready_by", { device_id: device.registry_id }),
    );
  }

  #tick(text: string, isOn: boolean, act: (isOn: boolean) => Promise<void>): TemplateResult {
    return html`<label>
      <input
        type="checkbox"
        .checked=${isOn}
        ?disabled=${this.#isLocked}
        @change=${(event: Event) => act((event.target as HTMLInputElement).checked)}
      />
      <span class="grow">${text}</span>
    </label>`;
  }

  get #isLocked(): boolean {
    return !this.context.maySteer || !this.context.isFresh || this.busy;
  }

  async #act(service: string, service_data: Record<string, unknown>): Promise<void> {
    this.busy = true;
    try {
      await this.context.connection.sendMessagePromise({ type: "call_service", domain: "home_flex", service, service_data });
      this.said = this.context.words.t("wish_kept");
    } catch (error) {
      this.said = this.context.words.refusal(error);
    } finally {
      this.busy = false;
      this.dispatchEvent(new CustomEvent("wished"));
    }
  }

  static override styles = [
    shared,
    css`
      p {
        margin-block-start: 8px;
        line-height: 1.4;
      }
      p:empty {
        display: none;
      }
      label {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 48px;
      }
      input {
        width: 24px;
        height: 24px;
        margin: 0;
        flex: none;
        accent-color: color-mix(in srgb, var(--primary-color) 75%, var(--primary-text-color));
      }
      select {
        font: inherit;
        min-height: 44px;
        padding: 8px 12px;
        border-radius: 8px;
        border: 1px solid color-mix(in srgb, var(--primary-text-color) 45%, transparent);
        background: var(--card-background-color);
        color: inherit;
      }
    `,
  ];
}
