import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import type { EventsDocument, FlexEvent, JoinRule } from "../data/documents";
import { asked, eventCard, eventDevices, eventStyle, titleOf } from "../parts/event_card";
import { choicesOf } from "../parts/choices";
import { invitationCard } from "../parts/invitation_card";
import { shared } from "../style";

const JOIN_RULES: JoinRule[] = ["automatic", "ask", "never"];

function ruleKey(program_id: string): string {
  return `rule:${program_id}`;
}

/** What became of an event that is over: what is skipped is that, whatever the event came to. */
export function outcomeOf({ opted_out, status }: FlexEvent): string {
  return opted_out ? "skipped" : status.toLowerCase();
}

/** How far the home keeps or kept to what an event asks, and what it used less or more for it; empty before. */
export function deliverySaid({ words, format }: Context, { delivered }: FlexEvent): string {
  if (!delivered) return "";
  const { kept_share, less_wh } = delivered;
  const kept = kept_share === null ? words.t("kept_unknown") : words.t("kept", { share: format.percent(kept_share) });
  if (less_wh === null) return kept;
  return `${kept} \u00b7 ${words.t(less_wh >= 0 ? "used_less" : "used_more", { energy: format.energy(less_wh) })}`;
}

function delivery(context: Context, event: FlexEvent): TemplateResult | typeof nothing {
  return event.delivered ? html`<p>${deliverySaid(context, event)}</p>` : nothing;
}

/** What is asked of the home: invitations, coming, running and past events; each answered in one click. */
export class EventsPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    body: { attribute: false },
    refused: { state: true },
  };
  declare context: Context;
  declare body: EventsDocument | undefined;
  declare refused: string | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { body, context } = this;
    if (!body) return nothing;
    const { words } = context;
    const running = body.open.filter(({ status }) => status === "STARTED");
    const coming = body.open.filter(({ status }) => status !== "STARTED");
    return html`<div class="columns">
      <div class="stack">
        ${running.length ? html`<h2>${words.t("events_running")}</h2>` : nothing}
        ${running.map((event) =>
          eventCard(context, event, html`${delivery(context, event)} ${eventDevices(context, event)}`),
        )}
        ${body.invitations.length ? html`<h2>${words.t("invitations")}</h2>` : nothing}
        ${body.invitations.map((invitation) => invitationCard(context, invitation))}
        <h2>${words.t("events_coming")}</h2>
        ${coming.length
          ? coming.map((event) => eventCard(context, event, eventDevices(context, event)))
          : html`<p class="card quiet">
              ${words.t(body.community === null ? "events_no_community" : "events_none")}
            </p>`}
        ${this.#participation(body)} ${this.#rules(body)}
        ${body.community === null
          ? nothing
          : html`<hf-house-rules .context=${context} .rules=${body.house_rules}></hf-house-rules>`}
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

  #past(event: FlexEvent): TemplateResult {
    const { words, format } = this.context;
    return html`<li>
      <div class="row">
        <span class="grow">${titleOf(this.context, event)}</span>
        <span class="chip">${words.t(`past_${outcomeOf(event)}`)}</span>
      </div>
      <p class="quiet">
        ${format.day(event.start)}, ${format.hours(event.start, event.end)}
        ${event.name ? html`\u00b7 ${asked(this.context, event.asks)}` : nothing}
      </p>
      ${event.opted_out ? nothing : delivery(this.context, event)} ${event.delivered
        ? html`<hf-receipt .context=${this.context} .eventId=${event.event_id}></hf-receipt>`
        : nothing}
    </li>`;
  }

  #rules(body: EventsDocument): TemplateResult | typeof nothing {
    if (!body.programmes.length) return nothing;
    const { words, maySteer, isFresh, clicked } = this.context;
    return html`<section class="card">
      <h2>${words.t("rules")}</h2>
      ${body.programmes.map(
        ({ program_id, rule }) => html`<label>
          <span class="grow">${words.programme(program_id)}</span>
          <select
            ?disabled=${!maySteer || !isFresh}
            @change=${(event: Event) => this.#agree(program_id, (event.target as HTMLSelectElement).value)}
          >
            ${choicesOf(JOIN_RULES, clicked.shown(ruleKey(program_id), rule), (each) => words.joinRule(each))}
          </select>
        </label>`,
      )}
      <p role="alert">${this.refused ?? nothing}</p>
    </section>`;
  }

  async #agree(program_id: string, rule: string): Promise<void> {
    const { clicked, connection, words } = this.context;
    try {
      await clicked.choose(ruleKey(program_id), rule, () =>
        connection.sendMessagePromise({ type: "home_flex/agree", program_id, rule }),
      );
      this.refused = undefined;
    } catch (error) {
      this.refused = words.refusal(error);
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
        min-height: 32px;
      }
      label {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        min-height: 48px;
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
