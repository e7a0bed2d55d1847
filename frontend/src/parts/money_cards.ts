import { html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Amount, EventRow, MoneyDocument, Valued } from "../data/money";
import { iconOf } from "./device_card";
import { figure, known } from "./known";

export function moneyOf({ words, format }: Context, amount: string | null, currency: string): string {
  return amount === null ? words.t("unknown") : format.money(amount, currency);
}

export function energyOf(context: Context, amount: Amount | null | undefined): string {
  return amount?.wh == null ? context.words.t("unknown") : context.format.energy(amount.wh);
}

/** An energy with how much of its time is known. */
export function knownEnergy(context: Context, amount: Amount | null | undefined): TemplateResult {
  return figure(context, amount?.wh == null ? null : context.format.energy(amount.wh), amount?.known ?? 0);
}

/** Which share of the load was not bought: none where a battery took more than that for later, and never less. */
export function sufficiencyOf({ words, format }: Context, share: number): string {
  return share < 0 ? words.t("self_sufficiency_stored", { share: format.percent(0) }) : format.percent(share);
}

/** What was emitted, with how much of its time is known. */
export function knownCarbon(context: Context, { amount, known: share }: Valued<number>): TemplateResult {
  const { words, format } = context;
  return figure(context, amount === null ? null : words.t("carbon_kg", { amount: format.number(amount / 1000, 1) }), share);
}

/** What was paid or received, in words and not by its sign. */
export function paidOf(context: Context, paid: string, currency: string): { key: string; amount: string } {
  const key = Number(paid) < 0 ? "money_received" : "money_paid";
  return { key, amount: moneyOf(context, paid.replace("-", ""), currency) };
}

/** A moment of the day that ends with a midnight: that is no time of the next. */
function lastOf(until: string): Date {
  return new Date(Date.parse(until) - 1);
}

/** The sum of a period, and what it is made of. */
export function sumsCard(context: Context, document: MoneyDocument): TemplateResult | typeof nothing {
  const { total, earned, until, after, currency } = document;
  if (!total) return nothing;
  const { words, format } = context;
  const share = Math.min(total.bought.known, total.energy.export ? total.sold.known : 1);
  const row = (key: string, amount: string | null, knownShare = 1, energy?: Amount | null): TemplateResult => html`<div>
    <dt>${words.t(key)} ${energy?.wh == null ? nothing : html`<span class="quiet number">${format.energy(energy.wh)}</span>`}</dt>
    <dd>${figure(context, amount === null ? null : moneyOf(context, amount, currency), knownShare)}</dd>
  </div>`;
  const { key, amount } = paidOf(context, total.paid, currency);
  return html`<section class="card">
    <h2>${words.t(key)}</h2>
    <p class="sum number">${share > 0 ? amount : words.t("unknown")}</p>
    <p class="quiet">
      ${words.t("money_counted", { time: after ? format.day(lastOf(until)) : format.moment(until) })}
      ${share > 0 ? known(context, share) : nothing}
    </p>
    <dl>
      ${row("money_bought", total.bought.amount, total.bought.known, total.energy.import)}
      ${total.energy.export
        ? row("money_sold", total.sold.amount, total.sold.known, total.energy.export)
        : nothing}
      ${total.peak === null ? nothing : row("money_peak", total.peak)}
      ${total.fees === null ? nothing : row("money_fees", total.fees)}
      ${earned === null ? nothing : row("money_earned", earned)}
    </dl>
    <p class="quiet small">${words.t(total.fees === null ? "money_note_without_fees" : "money_note")}</p>
  </section>`;
}

/** What battery, car and the other devices took and gave. */
export function devicesCard(context: Context, { devices }: MoneyDocument): TemplateResult | typeof nothing {
  if (!devices.length) return nothing;
  const { words } = context;
  return html`<section class="card">
    <h2>${words.t("money_devices")}</h2>
    <ul class="rows">
      ${devices.map(
        ({ kind, name, energy }) => html`<li class="row">
          <ha-icon icon=${iconOf(kind)}></ha-icon>
          <span class="grow">${name}</span>
          <span class="facts">
            ${Object.entries(energy).map(
              ([family, amount]) => html`<span
                ><span class="quiet">${words.t(`family_${family}`)}</span>
                ${knownEnergy(context, amount)}</span
              >`,
            )}
          </span>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** What the same use would have cost otherwise; of how many days that is known is said beside it. */
export function otherwiseCard(context: Context, { otherwise, days, currency }: MoneyDocument): TemplateResult {
  const { words, format } = context;
  if (!otherwise.length) {
    return html`<section class="card">
      <h2>${words.t("money_otherwise")}</h2>
      <p class="quiet">${words.t("money_otherwise_none")}</p>
    </section>`;
  }
  // Most days have no event: there is nothing of them that is not known.
  const isPart = (course: string, count: number): boolean => course !== "without_event" && count < days.all;
  return html`<section class="card">
    <h2>${words.t("money_otherwise")}</h2>
    <dl>
      ${otherwise.map(
        ({ course, saved, days: count }) => html`<div>
          <dt>${words.t(`course_${course}`)}</dt>
          <dd>
            <span class="number"
              >${Number(saved) === 0
                ? words.t("money_same")
                : words.t(Number(saved) < 0 ? "money_less" : "money_more", {
                    amount: moneyOf(context, saved.replace("-", ""), currency),
                  })}</span
            >
            ${isPart(course, count)
              ? html`<span class="known"
                  >${words.t("known_days", { count: format.number(count), all: format.number(days.all) })}</span
                >`
              : nothing}
          </dd>
        </div>`,
      )}
    </dl>
    <p class="quiet small">${words.t("money_otherwise_note")}</p>
  </section>`;
}

/** One event that is over, with its receipt to open. */
export function eventRow(context: Context, event: EventRow): TemplateResult {
  const { words, format } = context;
  const delivered =
    event.delivered_wh === null
      ? ""
      : ` \u00b7 ${words.t("delivered", { energy: format.signedEnergy(event.delivered_wh) })}`;
  return html`<li>
    <div class="row">
      <span class="grow">${event.name ?? words.t("event")}</span>
      <span class="number"
        >${event.paid === null ? words.t("receipt_unpaid") : moneyOf(context, event.paid, event.currency ?? "")}</span
      >
    </div>
    <p class="quiet">${format.day(event.start)}, ${format.time(event.start)}${delivered}</p>
    <hf-receipt .context=${context} .eventId=${event.id}></hf-receipt>
  </li>`;
}

/** What the home used, how far by itself, and what the rest emitted. */
export function homeCard(context: Context, { total }: MoneyDocument): TemplateResult | typeof nothing {
  if (!total) return nothing;
  const { words, format } = context;
  const { carbon_g, self_consumption, self_sufficiency, energy } = total;
  const row = (key: string, value: TemplateResult): TemplateResult => html`<div>
    <dt>${words.t(key)}</dt>
    <dd>${value}</dd>
  </div>`;
  const shareOf = (value: number | null, said: (value: number) => string): TemplateResult =>
    figure(context, value === null ? null : said(value), 1);
  return html`<section class="card">
    <h2>${words.t("money_home")}</h2>
    <dl>
      ${energy.load ? row("family_load", knownEnergy(context, energy.load)) : nothing}
      ${self_sufficiency === null ? nothing : row("self_sufficiency", shareOf(self_sufficiency, (value) => sufficiencyOf(context, value)))}
      ${energy.production ? row("self_consumption", shareOf(self_consumption, (value) => format.percent(value))) : nothing}
      ${row("carbon", knownCarbon(context, carbon_g))}
    </dl>
  </section>`;
}
