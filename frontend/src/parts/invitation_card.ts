import { html, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import { nowMs } from "../data/clock";
import type { Invitation } from "../data/documents";

/** Whether an answer still counts. */
export function isOpen({ state, answer_by }: Invitation, nowMs: number): boolean {
  return state === "open" && Date.parse(answer_by) > nowMs;
}

/** What is answered to an invitation, or what became of it, in words. */
export function answerOf({ words, format }: Context, invitation: Invitation, nowMs: number): string {
  const { answer, answered_by, held, promised_wh, state } = invitation;
  if (state === "withdrawn") return words.t("invitation_withdrawn");
  if (answer === null) {
    if (!isOpen(invitation, nowMs)) return words.t("invitation_over");
    return words.t(held ? `held_${held}` : "event_asks");
  }
  if (answer === "partly") return words.t("invitation_partly", { energy: format.energy(promised_wh ?? 0) });
  return words.t(answered_by === "rule" ? `invitation_rule_${answer}` : `invitation_${answer}`);
}

/** What an invitation asks: "Use 1.2 kWh less". */
export function invitedTo({ words, format }: Context, { asked_wh, direction }: Invitation): string {
  return words.t(`invitation_${direction}`, { energy: format.energy(asked_wh) });
}

/** One invitation as a card: what it asks, what it pays, until when it can be answered, and the answer. */
export function invitationCard(context: Context, invitation: Invitation): TemplateResult {
  const { words, format } = context;
  const { answer_by, currency, end, pays, program_id, start } = invitation;
  const open = isOpen(invitation, nowMs());
  return html`<article class="card event ${invitation.answer === "no" ? "out" : "in"}">
    <div class="row">
      <ha-icon icon="mdi:email-outline"></ha-icon>
      <h3 class="grow">${invitedTo(context, invitation)}</h3>
      <span class="chip">${answerOf(context, invitation, nowMs())}</span>
    </div>
    <p>
      ${format.span(start, end)} <span class="quiet">\u00b7 ${words.programme(program_id)}</span>
    </p>
    ${pays === null || currency === null
      ? nothing
      : html`<p class="quiet">${words.t("invitation_pays", { amount: format.money(pays, currency) })}</p>`}
    ${invitation.answer !== null && open && !invitation.is_told
      ? html`<p class="quiet">${words.t("invitation_untold")}</p>`
      : nothing}
    ${open
      ? html`<p class="quiet">${words.t("invitation_by", { time: `${format.day(answer_by)}, ${format.time(answer_by)}` })}</p>
          <div class="actions">
            ${answerButton(context, invitation, "accept")} ${answerButton(context, invitation, "decline")}
          </div>`
      : nothing}
  </article>`;
}

function answerButton(
  context: Context,
  { invitation_id, answer, answered_by }: Invitation,
  does: "accept" | "decline",
): TemplateResult | typeof nothing {
  const { words } = context;
  const isSaid = answer === (does === "accept" ? "yes" : "no");
  if (isSaid && answered_by === "resident") return nothing;
  const undo = does === "accept" ? "decline" : "accept";
  const said = words.t(does === "accept" ? "invitation_accepted" : "invitation_declined");
  return html`<button
    class=${does === "accept" ? "main" : ""}
    ?disabled=${!context.maySteer || !context.isFresh || isBusy(context, does, invitation_id)}
    @click=${(click: Event) =>
      steer(click.currentTarget as HTMLElement, { does, target: invitation_id, undo: { does: undo, said } })}
  >
    ${words.t(`do_${does}`)}
  </button>`;
}
