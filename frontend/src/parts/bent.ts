import { html, nothing, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Bend, LeftOut, WayOut } from "../data/documents";
import { moneySaid } from "./money_said";

/** Limits and promises that are no device and no circuit: the home names them in its own language. */
const NAMED = ["main", "contract", "grid_operator", "resident", "event", "setpoint"];
/** What an event asks is no wish: who does not meet it all gives up none. */
const OF_EVENTS = ["event", "setpoint"];
const IN_SECONDS = ["ready_early", "later"];

/** How what is bent is called in the user's language: a limit, or a device or circuit by its own name. */
function nameOf({ words }: Context, { subject_id, name }: Bend | WayOut | LeftOut): string {
  const [whole = "", part = ""] = subject_id.split(".");
  if (!NAMED.includes(whole)) return name;
  const limit = words.ofPlan(`limit_${whole}`);
  // Of several events at once each has a limit of its own, which is called the same.
  return part.startsWith("l") ? `${limit} (L${part.slice(1)})` : limit;
}

function amountOf({ format }: Context, kind: string, amount: number): string {
  if (IN_SECONDS.includes(kind)) return format.minutes(amount);
  return kind === "higher_limit" ? format.power(amount) : format.energy(amount);
}

export function isOfEvent({ subject_id }: Bend): boolean {
  return OF_EVENTS.includes(subject_id.split(".")[0] ?? "");
}

/** What the plan cannot keep, and by how much. */
export function bentSentence(context: Context, bend: Bend): string {
  const amount = amountOf(context, bend.wish, bend.amount);
  const key = isOfEvent(bend) ? `bent_event_${bend.wish}` : `bent_${bend.wish}`;
  return context.words.ofPlan(key, { name: nameOf(context, bend), amount });
}

/** What would make it possible, and what the plan costs or brings with that. */
export function wayOutSentence(context: Context, way: WayOut): string {
  const said = context.words.ofPlan(`change_${way.kind}`, {
    name: nameOf(context, way),
    amount: amountOf(context, way.kind, way.amount),
  });
  const costs = moneySaid(context, way.costs, { nothing: "worth_nothing", above: "worth_costs", below: "rest_brings" });
  return `${said} \u00b7 ${costs}`;
}

/** What cannot be kept, each with what would make it possible; beside it the events that are met in part. */
export function bentCards(context: Context, bent: Bend[]): TemplateResult {
  const wished = bent.filter((bend) => !isOfEvent(bend));
  return html`${bentCard(context, "bent", wished)} ${bentCard(context, "bent_events", bent.filter(isOfEvent))}`;
}

/** What of the input the plan could not use, and what stands in for it. */
export function leftOutCard(context: Context, left: LeftOut[]): TemplateResult | typeof nothing {
  if (!left.length) return nothing;
  const said = left.map((each) => context.words.ofPlan(`left_out_${each.code}`, { name: nameOf(context, each) }));
  return html`<section class="card">
    <h2>${context.words.t("left_out")}</h2>
    <ul class="quiet">
      ${said.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </section>`;
}

function bentCard(context: Context, title: "bent" | "bent_events", bent: Bend[]): TemplateResult | typeof nothing {
  if (!bent.length) return nothing;
  return html`<section class="card ${title === "bent" ? "warn" : ""}">
    <h2>${context.words.t(title)}</h2>
    <ul>
      ${bent.map(
        (bend) => html`<li>
          <p>${bentSentence(context, bend)}</p>
          ${bend.changes?.length
            ? html`<ul class="quiet">
                ${bend.changes.map((way) => html`<li>${wayOutSentence(context, way)}</li>`)}
              </ul>`
            : nothing}
        </li>`,
      )}
    </ul>
  </section>`;
}
