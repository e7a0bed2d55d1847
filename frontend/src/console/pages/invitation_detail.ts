import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import { type Context, go, href } from "../context";
import type { Answer, Dispatch, Invitation } from "../documents";
import { empty, failure, shown, state, table, tiles, type Tone } from "../parts/said";
import { consoleStyle } from "../style";
import { pay, TONES } from "./invitations";

export const ANSWERS: Record<Answer["state"], Tone> = { unanswered: "idle", yes: "good", partly: "doubt", no: "bad" };

/** One invitation: who answered what, who has not, and the call of those who would. */
export class InvitationDetail extends LitElement {
  static override properties = {
    context: { attribute: false },
    invitationId: { attribute: false },
    onlyOpen: { state: true },
  };
  declare context: Context;
  declare invitationId: string;
  /** Whether only those are shown who have not answered. */
  declare onlyOpen: boolean;

  readonly #detail = new Asked<[Invitation, Answer[]]>(
    this,
    ({ api }) => Promise.all([api.get<Invitation>(this.#path), api.get<Answer[]>(`${this.#path}/answers`)]),
    ["invitation.", "dispatch.make"],
  );
  readonly #doing = new Doing(this);

  constructor() {
    super();
    this.onlyOpen = false;
  }

  get #path(): string {
    return `/invitations/${encodeURIComponent(this.invitationId)}`;
  }

  #withdraw = (): void => {
    void this.#doing.run(async () => {
      await this.context.api.post(`${this.#path}/withdraw`);
      await this.#detail.refresh();
    });
  };

  #dispatch(invitation: Invitation): void {
    const { words, format, api } = this.context;
    const name = words.t("invitation_for", { time: format.moment(invitation.event_time) });
    void this.#doing.run(async () => {
      const made = await api.post<Dispatch>(`${this.#path}/dispatch`, { price_per_kwh: null, name });
      go("events", made.id ?? "");
    });
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <p><a href=${href("invitations")}>${t("invitations_back")}</a></p>
      ${shown(this.context, this.#detail, ([invitation, answers]) => this.#show(invitation, answers))}
    </div>`;
  }

  #show(invitation: Invitation, answers: Answer[]): TemplateResult {
    const { words, format, account } = this.context;
    const { t } = words;
    const { counts } = invitation;
    const mayCall = invitation.state === "open" && account.role !== "auditor";
    const shownAnswers = this.onlyOpen ? answers.filter((each) => each.state === "unanswered") : answers;
    return html`<div class="top">
        <h1>${t("invitation_for", { time: format.moment(invitation.event_time) })}</h1>
        ${state(TONES[invitation.state], words.of("invitation", invitation.state))}
        ${mayCall
          ? html`<button ?disabled=${this.#doing.isBusy} @click=${this.#withdraw}>${t("withdraw")}</button>
              <button class="main" ?disabled=${this.#doing.isBusy || counts.yes + counts.partly === 0} @click=${() => this.#dispatch(invitation)}>
                ${t("call_homes", { homes: counts.yes + counts.partly })}
              </button>`
          : nothing}
        ${invitation.dispatch_id ? html`<a class="button" href=${href("events", invitation.dispatch_id)}>${t("to_event")}</a>` : nothing}
      </div>
      <p class="quiet">
        ${words.of("direction", invitation.direction)} · ${format.energy(invitation.load_kwh * 1000)} ·
        ${format.minutes(invitation.duration_minutes * 60)} · ${pay(this.context, invitation)}
      </p>
      ${failure(this.context, this.#doing)}
      ${tiles([
        [t("asked"), format.number(counts.asked)],
        [t("answer_yes"), format.number(counts.yes)],
        [t("answer_partly"), format.number(counts.partly)],
        [t("answer_no"), format.number(counts.no)],
        [t("answer_unanswered"), format.number(counts.unanswered)],
        [t("promised"), format.energy(invitation.promised_kwh * 1000)],
      ])}
      <section class="card stack">
        <label class="check"
          ><input type="checkbox" .checked=${this.onlyOpen} @change=${(event: Event) => (this.onlyOpen = (event.target as HTMLInputElement).checked)} />${t("only_unanswered")}</label
        >
        ${shownAnswers.length ? this.#answers(shownAnswers) : empty(t("nothing_found"))}
      </section>`;
  }

  #answers(answers: Answer[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return table(
      t("answers"),
      [
        { name: t("home"), text: true },
        { name: t("answer"), text: true },
        { name: t("asked_energy"), wide: true },
        { name: t("promised") },
        { name: t("proven"), wide: true },
      ],
      answers.map(
        (each) => html`<tr>
          <th scope="row">${each.name}<small>${each.feeder ?? each.ven_id}</small></th>
          <td class="text">
            ${state(ANSWERS[each.state], words.of("answer", each.state))}
            ${each.answered_by ? html`<small>${words.of("answered_by", each.answered_by)}</small>` : nothing}
          </td>
          <td class="wide number">${format.energy(each.asked_kwh * 1000)}</td>
          <td class="number">${each.promised_kwh ? format.energy(each.promised_kwh * 1000) : "–"}</td>
          <td class="wide number">${format.percent(each.proven_share)}</td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
