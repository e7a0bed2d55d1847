import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { type Context, go } from "../context";
import type { DeviceHealth, DevicesDocument, LedgerRow } from "../data/documents";
import { iconOf } from "../parts/device_card";
import { toggle } from "../parts/toggle";
import { shared } from "../style";

const PERMISSIONS = ["managed", "automatic", "quiet"] as const;
type Permission = (typeof PERMISSIONS)[number];
const OUTCOMES = ["accepted", "followed", "not_followed"];

/** Whether everything is well: health, last contact, what each may be told, and who told it what. */
export class DevicesPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    body: { attribute: false },
    ledgers: { state: true },
    refused: { state: true },
  };
  declare context: Context;
  declare body: DevicesDocument | undefined;
  /** The rows of the ledgers that are open, by device; null while they are asked for. */
  declare ledgers: Record<string, LedgerRow[] | null>;
  declare refused: string | undefined;

  constructor() {
    super();
    this.ledgers = {};
  }

  protected override render(): TemplateResult | typeof nothing {
    const { body, context } = this;
    if (!body) return nothing;
    const { words } = context;
    const away = body.devices.filter(({ link_reason }) => link_reason !== null).length;
    const isEmpty = !body.devices.length;
    const well = words.t(isEmpty ? "devices_none" : "devices_well");
    const summary = away ? words.t("devices_away", { count: context.format.number(away) }) : well;
    const icon = away ? "mdi:alert-outline" : isEmpty ? "mdi:help-circle-outline" : "mdi:check-circle-outline";
    return html`<h2 class="visually-hidden">${words.t("page_devices")}</h2>
      <div class="stack">
        <section class="card row ${away ? "warn" : ""}">
          <ha-icon icon=${icon}></ha-icon>
          <p class="grow">${summary}${body.store_trouble ? html` ${words.t("store_trouble")}` : nothing}</p>
          ${isEmpty && context.maySetUp
            ? html`<button class="main" @click=${() => go(this, "start")}>${words.t("set_up")}</button>`
            : nothing}
          <button @click=${() => go(this, "performance")}>${words.t("how_well")}</button>
          <a class="button" href="/config/repairs">${words.t("repairs")}</a>
        </section>
        <p role="alert" class=${this.refused ? "card warn" : ""}>${this.refused ?? nothing}</p>
        <div class="devices">${body.devices.map((device) => this.#device(device))}</div>
      </div>`;
  }

  #device(device: DeviceHealth): TemplateResult {
    const { words, format } = this.context;
    const isAway = device.link_reason !== null;
    return html`<article class="card ${isAway || device.troubles.length ? "warn" : ""}">
      <div class="row">
        <ha-icon icon=${iconOf(device.kind)}></ha-icon>
        <h3 class="grow">${device.name}</h3>
        <span class="chip">${words.t(isAway ? "link_away" : "link_well")}</span>
      </div>
      <dl>
        ${device.made_by ? this.#fact("made_by", device.made_by) : nothing}
        ${device.firmware ? this.#fact("firmware", device.firmware) : nothing}
        ${device.seen ? this.#fact("last_seen", format.moment(device.seen)) : nothing}
        ${device.is_steered
          ? html`${this.#fact("decided", words.decider(device.decided_by))}
            ${this.#fact("told_today", words.t("times", { count: format.number(device.writes_today) }))}
            ${this.#fact("does_it", words.t(`judgement_${device.judgement}`))}`
          : nothing}
      </dl>
      ${device.troubles.length ? html`<p>${words.t("has_trouble")}</p>` : nothing}
      ${device.is_steered ? this.#permissions(device) : nothing}
      ${device.is_steered ? this.#ledger(device) : nothing}
    </article>`;
  }

  #fact(key: string, value: string): TemplateResult {
    return html`<div>
      <dt class="quiet">${this.context.words.t(`fact_${key}`)}</dt>
      <dd>${value}</dd>
    </div>`;
  }

  #permissions(device: DeviceHealth): TemplateResult {
    const { words } = this.context;
    return html`<fieldset>
      <legend class="quiet">${words.t("permissions")}</legend>
      ${PERMISSIONS.map(
        (permission) => html`<label>
          ${toggle(this.context, {
            key: `permission:${device.device_id}:${permission}`,
            told: device.permissions[permission],
            change: (value) => this.#permit(device, permission, value),
            refused: (error) => (this.refused = words.refusal(error)),
          })}
          <span>${words.t(`permission_${permission}`)}</span>
        </label>`,
      )}
    </fieldset>`;
  }

  async #permit({ device_id }: DeviceHealth, permission: Permission, value: boolean): Promise<void> {
    await this.context.connection.sendMessagePromise({ type: "home_flex/permit", device_id, permission, value });
    this.refused = undefined;
  }

  #ledger(device: DeviceHealth): TemplateResult {
    const { words } = this.context;
    const rows = this.ledgers[device.device_id];
    return html`<details @toggle=${(event: Event) => this.#toggled(device, event.target as HTMLDetailsElement)}>
      <summary>${words.t("ledger")}</summary>
      ${rows?.length
        ? html`<ul>
            ${rows.map((row) => this.#row(row))}
          </ul>`
        : html`<p class="quiet">${words.t(rows ? "ledger_empty" : "ledger_asked")}</p>`}
    </details>`;
  }

  #row(row: LedgerRow): TemplateResult {
    const { words, format } = this.context;
    const outcome = OUTCOMES.includes(row.outcome) ? row.outcome : "refused";
    return html`<li>
      <p>
        <span class="number">${format.moment(row.time)}</span> \u00b7 <strong>${this.#told(row)}</strong> \u00b7
        ${words.decider(row.decided_by)}
      </p>
      <p class="quiet">${words.reason(row.reason)} \u00b7 ${words.t(`outcome_${outcome}`)}</p>
    </li>`;
  }

  /** What a device was told, in the unit of its quantity; a direction is a word. */
  #told({ quantity, value }: LedgerRow): string {
    const { words, format } = this.context;
    if (value === null) return words.t("told_free");
    switch (quantity) {
      case "power_w":
        return words.t(value < 0 ? "told_give" : "told_take", { power: format.power(value) });
      case "production_limit_w":
        return words.t("told_at_most", { power: format.power(value) });
      case "current_limit_a":
        return words.t("told_at_most", { power: `${format.number(value, value % 1 ? 1 : 0)}\u00a0A` });
      case "switch":
        return words.t(value > 0.5 ? "told_on" : "told_off");
      default:
        return format.number(value, value % 1 ? 1 : 0);
    }
  }

  async #toggled({ device_id }: DeviceHealth, details: HTMLDetailsElement): Promise<void> {
    if (!details.open) return;
    this.ledgers = { ...this.ledgers, [device_id]: null };
    try {
      const rows = await this.context.connection.sendMessagePromise<LedgerRow[]>({
        type: "home_flex/ledger",
        device_id,
      });
      this.ledgers = { ...this.ledgers, [device_id]: rows };
    } catch (error) {
      details.open = false;
      this.refused = this.context.words.refusal(error);
    }
  }

  static override styles = [
    shared,
    css`
      .devices {
        columns: 340px;
        column-gap: 20px;
      }
      .devices > * {
        break-inside: avoid;
        margin-block-end: 12px;
      }
      dl {
        margin-block-start: 10px;
      }
      dl div {
        display: flex;
        justify-content: space-between;
        gap: 12px;
        padding-block: 5px;
        border-block-end: 1px solid var(--divider-color);
      }
      dd {
        text-align: end;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      fieldset {
        border: 0;
        margin: 10px 0 0;
        padding: 0;
      }
      label {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 44px;
        cursor: pointer;
      }
      details {
        margin-block-start: 6px;
      }
      li {
        padding-block: 8px;
        border-block-start: 1px solid var(--divider-color);
      }
      @media (min-width: 870px) {
        .devices > * {
          margin-block-end: 20px;
        }
      }
    `,
  ];
}
