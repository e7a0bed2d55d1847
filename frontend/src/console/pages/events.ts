import { html, LitElement, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { Asked } from "../asked";
import { type Context, href } from "../context";
import type { Dispatch, Program } from "../documents";
import { empty, shown, state, table, type Tone } from "../parts/said";
import { nameOf } from "../parts/consents";
import { consoleStyle } from "../style";

export const TONES: Record<Dispatch["state"], Tone> = { announced: "", running: "good", over: "idle", cancelled: "idle" };

/** What homes were called for: the newest first, and one of them as it runs. */
export class EventsPage extends LitElement {
  static override properties = { context: { attribute: false }, isCalling: { state: true } };
  declare context: Context;
  declare isCalling: boolean;

  readonly #all = new Asked<[Dispatch[], Program[]]>(
    this,
    ({ api }) => Promise.all([api.get<Dispatch[]>("/dispatches"), api.get<Program[]>("/programs")]),
    ["dispatch.make", "dispatch.cancel", "settlement."],
  );

  constructor() {
    super();
    this.isCalling = false;
  }

  protected override render(): TemplateResult {
    const { words, rest, account } = this.context;
    const [id] = rest;
    if (id !== undefined) {
      return html`${keyed(id, html`<hc-event-detail .context=${this.context} .dispatchId=${id}></hc-event-detail>`)}`;
    }
    return html`<div class="page">
      <div class="top">
        <h1>${words.t("page_events")}</h1>
        ${account.role === "auditor" ? nothing : html`<button class="main" ?disabled=${!this.#all.value} @click=${() => (this.isCalling = true)}>${words.t("dispatch_new")}</button>`}
      </div>
      ${this.isCalling
        ? html`<hc-dispatch-form
            .context=${this.context}
            .programs=${this.#all.value?.[1] ?? []}
            @closed=${() => (this.isCalling = false)}
          ></hc-dispatch-form>`
        : nothing}
      <section class="card">${shown(this.context, this.#all, ([dispatches, programs]) => this.#list(dispatches, programs))}</section>
    </div>`;
  }

  #list(dispatches: Dispatch[], programs: Program[]): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    if (!dispatches.length) return empty(t("events_none"));
    return table(
      t("page_events"),
      [
        { name: t("event"), text: true },
        { name: t("state"), text: true },
        { name: t("needed") },
        { name: t("called"), wide: true },
        { name: t("cost"), wide: true },
      ],
      dispatches.map(
        (each) => html`<tr>
          <th scope="row">
            <a href=${href("events", each.id ?? "")}>${each.name}</a>
            <small>${format.span(each.start, each.end)} · ${nameOf(programs, each.program_id)}</small>
          </th>
          <td class="text">${state(TONES[each.state], words.of("dispatch", each.state))}</td>
          <td class="number">${format.power(1000 * Math.max(0, ...each.need_kw))}<small>${words.of("direction", each.direction)}</small></td>
          <td class="wide number">${t("homes_number", { homes: each.counts.called })}</td>
          <td class="wide number">${format.money(Number(each.cost), each.currency)}</td>
        </tr>`,
      ),
    );
  }

  static override styles = consoleStyle;
}
