import { html, LitElement, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { Asked } from "../asked";
import { type Context, href } from "../context";
import type { Invitation, Program } from "../documents";
import { nameOf } from "../parts/consents";
import { bar, empty, shown, state, table, type Tone } from "../parts/said";
import { consoleStyle } from "../style";

export const TONES: Record<Invitation["state"], Tone> = { open: "good", dispatched: "", withdrawn: "idle", over: "idle" };

/** What a delivered kWh pays, as homes were told it. */
export function pay({ words, format }: Context, { price_per_kwh, currency }: Invitation): string {
  if (price_per_kwh === null || currency === null) return words.t("pays_untold");
  return words.t("pays_told", { price: format.price(Number(price_per_kwh), currency, 3) });
}

/** What homes are asked whether they would, the newest first, and how many have answered. */
export class InvitationsPage extends LitElement {
  static override properties = { context: { attribute: false }, isInviting: { state: true } };
  declare context: Context;
  declare isInviting: boolean;

  readonly #all = new Asked<[Invitation[], Program[]]>(
    this,
    ({ api }) => Promise.all([api.get<Invitation[]>("/invitations"), api.get<Program[]>("/programs")]),
    ["invitation.", "dispatch.make"],
  );

  constructor() {
    super();
    this.isInviting = false;
  }

  protected override render(): TemplateResult {
    const { words, rest, account } = this.context;
    const [id] = rest;
    if (id !== undefined) {
      return html`${keyed(id, html`<hc-invitation-detail .context=${this.context} .invitationId=${id}></hc-invitation-detail>`)}`;
    }
    return html`<div class="page">
      <div class="top">
        <h1>${words.t("page_invitations")}</h1>
        ${account.role === "auditor" ? nothing : html`<button class="main" ?disabled=${!this.#all.value} @click=${() => (this.isInviting = true)}>${words.t("invitation_new")}</button>`}
      </div>
      ${this.isInviting
        ? html`<hc-invitation-form
            .context=${this.context}
            .programs=${this.#all.value?.[1] ?? []}
            @closed=${() => (this.isInviting = false)}
          ></hc-invitation-form>`
        : nothing}
      <section class="card">${shown(this.context, this.#all, ([invitations, programs]) => this.#list(invitations, programs))}</section>
    </div>`;
  }

  #list(invitations: Invitation[], programs: Program[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    if (!invitations.length) return empty(t("invitations_none"));
    return table(
      t("page_invitations"),
      [
        { name: t("invitation"), text: true },
        { name: t("state"), text: true },
        { name: t("answers"), text: true },
        { name: t("promised") },
      ],
      invitations.map((each) => {
        const { asked, unanswered } = each.counts;
        return html`<tr>
          <th scope="row">
            <a href=${href("invitations", each.id)}>${format.moment(each.event_time)}</a>
            <small>${format.minutes(each.duration_minutes * 60)} · ${words.of("direction", each.direction)} · ${nameOf(programs, each.program_id)}</small>
          </th>
          <td class="text">${state(TONES[each.state], words.of("invitation", each.state))}</td>
          <td class="text">${t("answered_of", { answered: asked - unanswered, asked })}${bar(asked ? (asked - unanswered) / asked : 0)}</td>
          <td class="number">${format.energy(each.promised_kwh * 1000)}<small>${t("of_energy", { energy: format.energy(each.load_kwh * 1000) })}</small></td>
        </tr>`;
      }),
    );
  }

  static override styles = consoleStyle;
}
