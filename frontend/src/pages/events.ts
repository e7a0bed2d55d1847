import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import type { EventsDocument, FlexEvent, JoinRule, Receipt } from "../data/documents";
import { asked, eventCard, eventStyle, titleOf, worthOf } from "../parts/event_card";
import { shared } from "../style";

const JOIN_RULES: JoinRule[] = ["automatic", "ask", "never"];

/** What is asked of the home: coming, running and past events; join, skip and undo, each in one click. */
export class EventsPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    body: { attribute: false },
    receipts: { state: true },
    refused: { state: true },
  };
  declare context: Context;
  declare body: EventsDocument | undefined;
  /** The receipts that were opened, by event; null where there is none, undefined while it is asked for. */
  declare receipts: Record<string, Receipt | null | undefined>;
  declare refused: string | undefined;

  constructor() {
    super();
    this.receipts = {};
  }

  protected override render(): TemplateResult | typeof nothing {
    const { body, context } = this;
    if (!body) return nothing;
    const { words } = context;
    const running = body.open.filter(({ status }) => status === "STARTED");
    const coming = body.open.filter(({ status }) => status !== "STARTED");
    return html`<div class="columns">
      <div class="stack">
        ${running.length ? html`<h2>${words.t("events_running")}</h2>` : nothing}
        ${running.map((event) => eventCard(context, event, this.#delivery(event)))}
        <h2>${words.t("events_coming")}</h2>
        ${coming.length
          ? coming.map((event) => eventCard(context, event, this.#devices(event)))
          : html`<p class="card quiet">
              ${words.t(body.community === null ? "events_no_community" : "events_none")}
            </p>`}
        ${this.#participation(body)} ${this.#rules(body)}
      </div>
      <div class="stack">
        <h2>${words.t("events_past")}</h2>
        ${body.past.length
          ? html`<ul class="card past">
              ${body.past.map((event) => this.#past(event))}
            </ul>`
          : html`<p class="card quiet">${words.t("events_no_past")}</p>`}
      </div>
    </div>`;
  }

  #delivery(event: FlexEvent): TemplateResult | typeof nothing {
    const { words, format } = this.context;
    const { delivered } = event;
    if (!delivered) return nothing;
    return html`<p>
      ${delivered.kept_share === null
        ? words.t("kept_unknown")
        : words.t("kept", { share: format.percent(delivered.kept_share) })}
      ${delivered.less_wh === null
        ? nothing
        : html`\u00b7
          ${words.t(delivered.less_wh >= 0 ? "used_less" : "used_more", {
            energy: format.energy(delivered.less_wh),
          })}`}
    </p>`;
  }

  #devices(event: FlexEvent): TemplateResult | typeof nothing {
    if (!event.choice?.devices.length || event.opted_out) return nothing;
    const { words } = this.context;
    return html`<details>
      <summary>${words.t("by_device")}</summary>
      <dl>
        ${event.choice.devices.map(
          (device) => html`<dt>${device.name}</dt>
            <dd class="quiet">${worthOf(this.context, device)}</dd>`,
        )}
      </dl>
    </details>`;
  }

  #past(event: FlexEvent): TemplateResult {
    const { words, format } = this.context;
    const word = event.opted_out ? "skipped" : event.status.toLowerCase();
    return html`<li>
      <div class="row">
        <span class="grow">${titleOf(this.context, event)}</span>
        <span class="chip">${words.t(`past_${word}`)}</span>
      </div>
      <p class="quiet">
        ${format.day(event.start)}, ${format.time(event.start)}\u2013${format.time(event.end)}
        ${event.name ? html`\u00b7 ${asked(this.context, event)}` : nothing}
      </p>
      ${event.opted_out ? nothing : this.#delivery(event)} ${event.delivered ? this.#receipt(event) : nothing}
    </li>`;
  }

  #receipt(event: FlexEvent): TemplateResult {
    const { words } = this.context;
    const receipt = this.receipts[event.event_id];
    return html`<details @toggle=${(toggled: Event) => this.#opened(event, toggled.target as HTMLDetailsElement)}>
      <summary>${words.t("receipt")}</summary>
      ${receipt
        ? this.#figures(receipt)
        : html`<p class="quiet">${words.t(receipt === null ? "receipt_none" : "ledger_asked")}</p>`}
    </details>`;
  }

  #figures(receipt: Receipt): TemplateResult {
    const { words, format } = this.context;
    const { used_wh, delivered_wh, half_width_wh, kept_share, paid, currency } = receipt;
    const energy = (value: number | null): string => (value === null ? words.t("unknown") : format.energy(value));
    const more = receipt.asks === "more";
    const rows: [string, string][] = [
      ["receipt_used", energy(used_wh)],
      [
        more ? "receipt_more" : "receipt_less",
        half_width_wh && delivered_wh !== null
          ? `${format.signedEnergy(delivered_wh)} \u00b1 ${format.energy(half_width_wh)}`
          : delivered_wh === null
            ? words.t("unknown")
            : format.signedEnergy(delivered_wh),
      ],
      ...(kept_share === null ? [] : ([["receipt_kept", format.percent(Number(kept_share))]] as [string, string][])),
      [
        "receipt_paid",
        paid === null || currency === null ? words.t("receipt_unpaid") : format.money(Number(paid), currency),
      ],
    ];
    return html`<dl class="figures">
        ${rows.map(
          ([key, value]) => html`<div>
            <dt class="quiet">${words.t(key)}</dt>
            <dd class="number">${value}</dd>
          </div>`,
        )}
      </dl>
      <p class="quiet digest">${words.t("receipt_digest", { digest: receipt.digest })}</p>`;
  }

  async #opened({ event_id }: FlexEvent, details: HTMLDetailsElement): Promise<void> {
    if (!details.open) return;
    try {
      const receipt = await this.context.connection.sendMessagePromise<Receipt | null>({
        type: "home_flex/receipt",
        event_id,
      });
      this.receipts = { ...this.receipts, [event_id]: receipt };
    } catch (error) {
      details.open = false;
      this.refused = this.context.words.refusal(error);
    }
  }

  #rules(body: EventsDocument): TemplateResult | typeof nothing {
    if (!body.programmes.length) return nothing;
    const { words, maySteer, isFresh } = this.context;
    return html`<section class="card">
      <h2>${words.t("rules")}</h2>
      ${body.programmes.map(
        ({ program_id, rule }) => html`<label>
          <span class="grow">${program_id}</span>
          <select
            ?disabled=${!maySteer || !isFresh}
            @change=${(event: Event) => this.#agree(program_id, rule, event.target as HTMLSelectElement)}
          >
            ${JOIN_RULES.map(
              (each) => html`<option value=${each} .selected=${each === rule}>${words.joinRule(each)}</option>`,
            )}
          </select>
        </label>`,
      )}
      <p role="alert">${this.refused ?? nothing}</p>
    </section>`;
  }

  async #agree(program_id: string, before: JoinRule, choice: HTMLSelectElement): Promise<void> {
    try {
      await this.context.connection.sendMessagePromise({
        type: "home_flex/agree",
        program_id,
        rule: choice.value,
      });
      this.refused = undefined;
    } catch (error) {
      choice.value = before;
      this.refused = this.context.words.refusal(error);
    }
  }

  #participation(body: EventsDocument): TemplateResult | typeof nothing {
    if (body.community === null) return nothing;
    const { words, maySteer, isFresh } = this.context;
    const does = body.participating ? "stay_out" : "take_part";
    return html`<section class="card ${body.participating ? "" : "warn"}">
      <p class="quiet">${words.t(body.participating ? "takes_part" : "stays_out")}</p>
      <div class="actions">
        <button
          ?disabled=${!maySteer || !isFresh || isBusy(this.context, does, "")}
          @click=${() => steer(this, { does, target: "" })}
        >
          ${words.t(`do_${does}`)}
        </button>
      </div>
    </section>`;
  }

  static override styles = [
    shared,
    eventStyle,
    css`
      .columns {
        display: grid;
        gap: 12px;
      }
      details {
        margin-block-start: 10px;
      }
      summary {
        cursor: pointer;
        min-height: 32px;
      }
      dt {
        font-weight: 500;
        margin-block-start: 6px;
      }
      label {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        min-height: 48px;
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
      p[role="alert"]:empty {
        display: none;
      }
      .figures div {
        display: flex;
        justify-content: space-between;
        gap: 12px;
        padding-block: 4px;
        border-block-end: 1px solid var(--divider-color);
      }
      .figures dt,
      .figures dd {
        margin: 0;
        font-weight: 400;
      }
      .digest {
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
      }
      .past {
        padding-block: 4px;
      }
      .past li {
        padding-block: 12px;
      }
      .past li + li {
        border-block-start: 1px solid var(--divider-color);
      }
      .past p {
        margin-block-start: 4px;
      }
      @media (min-width: 870px) {
        .columns {
          grid-template-columns: 1fr 1fr;
          gap: 20px;
        }
      }
    `,
  ];
}
