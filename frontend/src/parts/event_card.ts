import { css, html, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import { nowMs } from "../data/clock";
import type { Ask, EventDevice, FlexEvent, Worth } from "../data/documents";
import { sparedKey } from "../data/steering";
import { moneySaid } from "./money_said";
import { toggleBox } from "./toggle";

/** What an event asks, or has, in words: "Import at most 2.0 kW". */
export function asked({ words, format }: Context, asks: Ask[]): string {
  return asks
    .map(({ type, value, is_energy }) => {
      if (type === "simple") return words.ask(type, format.number(value));
      if (type !== "charge_state_setpoint") return words.ask(type, format.power(value));
      return words.ask(type, is_energy ? format.energy(value) : format.percent(value));
    })
    .join(" \u00b7 ");
}

export function titleOf(context: Context, event: FlexEvent): string {
  return event.name || asked(context, event.asks);
}

/** How far an event is, 0 to 1; null when it does not run. */
export function progress(event: FlexEvent, nowMs: number): number | null {
  if (event.status !== "STARTED") return null;
  const start = Date.parse(event.start);
  const end = Date.parse(event.end);
  return end > start ? Math.min(1, Math.max(0, (nowMs - start) / (end - start))) : null;
}

/** When an event is, and for how long still. */
export function when({ words, format }: Context, event: FlexEvent): string {
  if (event.status !== "STARTED") return format.span(event.start, event.end);
  const leftS = (Date.parse(event.end) - nowMs()) / 1000;
  return words.t("event_left", { time: format.time(event.end), left: format.minutes(leftS) });
}

/** What joining is worth: money, carbon, and whether a wish gives way for it. */
export function worthOf(context: Context, { worth, carbon_g, bends_wishes }: Worth): string {
  return [
    moneySaid(context, worth, { nothing: "worth_nothing", above: "worth", below: "worth_costs" }),
    ...carbonOf(context, carbon_g),
    context.words.t(bends_wishes ? "comfort_bent" : "comfort_kept"),
  ].join(" \u00b7 ");
}

function carbonOf({ words, format }: Context, carbon_g: number | null): string[] {
  if (carbon_g === null || Math.abs(carbon_g) < 50) return [];
  const amount = format.number(Math.abs(carbon_g) / 1000, 1);
  return [words.t(carbon_g < 0 ? "carbon_less" : "carbon_more", { amount })];
}

type Answer = "join" | "join_partly" | "skip";

const SAID: Record<Answer, string> = {
  join: "event_joined",
  join_partly: "event_joined_partly",
  skip: "event_skipped",
};

/** What the resident has said to an event until now, or the home by the resident's rules. */
function answerTo(event: FlexEvent): Answer {
  if (event.opted_out) return "skip";
  return event.is_partly ? "join_partly" : "join";
}

/** What may be said to an event: each answer but the one that it has. */
export function answersTo(event: FlexEvent): Answer[] {
  const answers: Answer[] = event.may_join_partly ? ["join", "join_partly", "skip"] : ["join", "skip"];
  return answers.filter((each) => event.awaits_answer || each !== answerTo(event));
}

/** Join, join partly, skip and undo, whichever fits; an event that binds says so instead. */
export function eventActions(context: Context, event: FlexEvent): TemplateResult {
  const { words } = context;
  if (!event.may_skip) return html`<p class="quiet">${words.t("event_binds")}</p>`;
  return html`<div class="actions">${answersTo(event).map((does) => eventButton(context, event, does))}</div>`;
}

function eventButton(context: Context, event: FlexEvent, does: Answer): TemplateResult {
  const { words } = context;
  const undo = answerTo(event);
  const said = words.t(SAID[does]);
  const label = does === "skip" && event.status === "STARTED" && !event.opted_out ? "skip_rest" : does;
  return html`<button
    class=${does === "join" ? "main" : ""}
    ?disabled=${!context.maySteer || !context.isFresh || isBusy(context, does, event.event_id)}
    @click=${(click: Event) =>
      steer(click.currentTarget as HTMLElement, { does, target: event.event_id, undo: { does: undo, said } })}
  >
    ${words.t(`do_${label}`)}
  </button>`;
}

/** Whether an answer changes nothing that is told of it. */
function isNothing({ format, now }: Context, { worth, carbon_g, bends_wishes }: Worth): boolean {
  return format.isNoMoney(worth, now.currency) && Math.abs(carbon_g ?? 0) < 50 && !bends_wishes;
}

/** What skipping the rest of an event costs or brings, against going on with it as it is. */
export function restOf(context: Context, { worth, carbon_g }: Worth): string {
  return [
    moneySaid(context, worth, { nothing: "worth_nothing", above: "rest_costs", below: "rest_brings" }),
    ...carbonOf(context, carbon_g === null ? null : -carbon_g),
  ].join(" \u00b7 ");
}

/** What joining is worth, and that the home cannot do all that is asked where that is so. */
export function joined(context: Context, join: Worth): string {
  return join.is_kept ? worthOf(context, join) : `${worthOf(context, join)} \u00b7 ${context.words.t("event_short")}`;
}

/** What each way to answer is worth: before an event of all of it, while it runs of what is left. */
function choices(context: Context, event: FlexEvent): TemplateResult | typeof nothing {
  if (!event.choice) return nothing;
  const { words } = context;
  const { join, partly } = event.choice;
  const has = event.has.length
    ? `${words.t("choice_partly_has", { what: asked(context, event.has) })} \u00b7 `
    : "";
  const does = answerTo(event);
  const isGoing = event.status === "STARTED" && does !== "skip";
  const row = (name: Answer, said: string): TemplateResult => html`<dt>
      ${words.t(isGoing && name === does ? "choice_go_on" : `do_${name}`)}
    </dt>
    <dd class="quiet">${said}</dd>`;
  // Where nothing hangs on the answer it is said once.
  if ([join, partly].every((each) => isNothing(context, each))) return html`<p class="quiet">${joined(context, join)}</p>`;
  return html`<dl class="choices">
    ${row("join", joined(context, join))}
    ${event.may_join_partly ? row("join_partly", `${has}${worthOf(context, partly)}`) : nothing}
    ${isGoing
      ? html`<dt>${words.t("do_skip_rest")}</dt>
          <dd class="quiet">${restOf(context, does === "join" ? join : partly)}</dd>`
      : nothing}
  </dl>`;
}

/** Which devices an event may move, each with what it alone is worth, and a switch that keeps it out. */
export function eventDevices(context: Context, event: FlexEvent): TemplateResult | typeof nothing {
  if (event.opted_out || !event.devices.length) return nothing;
  return html`<details>
    <summary>${context.words.t("by_device")}</summary>
    <ul class="devices">
      ${event.devices.map((device) => eventDevice(context, event, device))}
    </ul>
  </details>`;
}

function eventDevice(context: Context, event: FlexEvent, device: EventDevice): TemplateResult {
  const { words } = context;
  const { event_id } = event;
  const isSpared = context.clicked.shown(sparedKey(event_id, device.device_id), device.is_spared);
  const spare = (isIn: boolean, box: HTMLElement): void => {
    const [does, undo] = isIn ? ["let_in", "spare"] : ["spare", "let_in"];
    const said = words.t(isIn ? "device_joins" : "device_spared", { device: device.name });
    steer(box, { does, target: event_id, device_id: device.device_id, undo: { does: undo, said } });
  };
  const unknown = event.status === "STARTED" ? "" : words.t("worth_unknown");
  const worth = device.choice ? worthOf(context, device.choice) : unknown;
  return html`<li class="row">
    <span class="grow">
      ${device.name} ${worth ? html`<span class="quiet worth">${worth}</span>` : nothing}
    </span>
    ${toggleBox(context, !isSpared, spare, words.t("takes_part_device", { device: device.name }))}
  </li>`;
}

/** One open event as a card. */
export function eventCard(context: Context, event: FlexEvent, more: unknown = nothing): TemplateResult {
  const { words } = context;
  const done = progress(event, nowMs());
  return html`<article class="card event ${event.opted_out ? "out" : "in"}">
    <div class="row">
      <ha-icon icon=${event.source === "grid_operator" ? "mdi:transmission-tower" : "mdi:account-group"}></ha-icon>
      <h3 class="grow">${titleOf(context, event)}</h3>
      ${event.opted_out
        ? html`<span class="chip">${event.held ? words.t(`held_${event.held}`) : words.t(event.awaits_answer ? "event_asks" : "event_out")}</span>`
        : event.is_partly
          ? html`<span class="chip">${words.t("event_partly")}</span>`
          : html`<span class="chip">${words.t("event_in")}</span>`}
    </div>
    <p>${when(context, event)}${event.name ? html` <span class="quiet">\u00b7 ${asked(context, event.asks)}</span>` : nothing}</p>
    ${done === null
      ? nothing
      : html`<div class="level" aria-hidden="true"><span .style=${`width:${done * 100}%`}></span></div>`}
    ${choices(context, event)} ${more} ${eventActions(context, event)}
  </article>`;
}

export const eventStyle = css`
  .event p {
    margin-block-start: 6px;
  }
  .event.in {
    border-inline-start: 4px solid color-mix(in srgb, var(--primary-color) 70%, var(--primary-text-color));
  }
  .choices {
    margin-block-start: 8px;
  }
  .choices dt {
    font-weight: 500;
    margin-block-start: 4px;
  }
  .devices li {
    flex-wrap: nowrap;
    min-height: 48px;
  }
  .devices .worth {
    display: block;
    font-size: 0.875rem;
  }
`;
