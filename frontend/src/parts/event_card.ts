import { css, html, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import type { FlexEvent, Worth } from "../data/documents";

/** What an event asks, in words: "Import at most 2.0 kW". */
export function asked({ words, format }: Context, event: FlexEvent): string {
  return event.asks
    .map(({ type, value, is_energy }) => {
      if (type === "simple") return words.ask(type, format.number(value));
      if (type !== "charge_state_setpoint") return words.ask(type, format.power(value));
      return words.ask(type, is_energy ? format.energy(value) : format.percent(value));
    })
    .join(" \u00b7 ");
}

export function titleOf(context: Context, event: FlexEvent): string {
  return event.name || asked(context, event);
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
  const leftS = (Date.parse(event.end) - Date.now()) / 1000;
  return words.t("event_left", { time: format.time(event.end), left: format.minutes(leftS) });
}

/** What joining is worth before an event: money, carbon, and whether a wish is bent for it. */
export function worthOf(context: Context, { worth, carbon_g, bends_wishes }: Worth): string {
  const { words, format, now } = context;
  const parts = [
    worth >= 0.005
      ? words.t("worth", { amount: format.money(worth, now.currency) })
      : worth <= -0.005
        ? words.t("worth_costs", { amount: format.money(-worth, now.currency) })
        : words.t("worth_nothing"),
  ];
  if (carbon_g !== null && Math.abs(carbon_g) >= 50) {
    const amount = format.number(Math.abs(carbon_g) / 1000, 1);
    parts.push(words.t(carbon_g < 0 ? "carbon_less" : "carbon_more", { amount }));
  }
  parts.push(words.t(bends_wishes ? "comfort_bent" : "comfort_kept"));
  return parts.join(" \u00b7 ");
}

/** Join, skip and undo, whichever fits; an event that binds says so instead. */
export function eventActions(context: Context, event: FlexEvent): TemplateResult {
  const { words } = context;
  if (!event.may_skip) return html`<p class="quiet">${words.t("event_binds")}</p>`;
  const deeds = event.awaits_answer ? ["join", "skip"] : [event.opted_out ? "join" : "skip"];
  return html`<div class="actions">${deeds.map((does) => eventButton(context, event, does))}</div>`;
}

function eventButton(context: Context, event: FlexEvent, does: string): TemplateResult {
  const { words } = context;
  const undo = does === "join" ? "skip" : "join";
  const said = words.t(does === "join" ? "event_joined" : "event_skipped");
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

/** One open event as a card. */
export function eventCard(context: Context, event: FlexEvent, more: unknown = nothing): TemplateResult {
  const { words } = context;
  const done = progress(event, Date.now());
  return html`<article class="card event ${event.opted_out ? "out" : "in"}">
    <div class="row">
      <ha-icon icon=${event.source === "grid_operator" ? "mdi:transmission-tower" : "mdi:account-group"}></ha-icon>
      <h3 class="grow">${titleOf(context, event)}</h3>
      ${event.opted_out
        ? html`<span class="chip">${event.held ? words.t(`held_${event.held}`) : words.t(event.awaits_answer ? "event_asks" : "event_out")}</span>`
        : nothing}
    </div>
    <p>${when(context, event)}${event.name ? html` <span class="quiet">\u00b7 ${asked(context, event)}</span>` : nothing}</p>
    ${done === null
      ? nothing
      : html`<div class="level" aria-hidden="true"><span style="width:${done * 100}%"></span></div>`}
    ${event.choice && event.status !== "STARTED"
      ? html`<p class="quiet">${worthOf(context, event.choice.join)}</p>`
      : nothing}
    ${more} ${eventActions(context, event)}
  </article>`;
}

export const eventStyle = css`
  .event p {
    margin-block-start: 6px;
  }
  .event.in {
    border-inline-start: 4px solid color-mix(in srgb, var(--primary-color) 70%, var(--primary-text-color));
  }
  .level {
    height: 8px;
    margin-block-start: 10px;
    border-radius: 4px;
    overflow: hidden;
    background: var(--quiet);
  }
  .level > span {
    display: block;
    height: 100%;
    background: color-mix(in srgb, var(--primary-color) 80%, var(--primary-text-color));
  }
`;
