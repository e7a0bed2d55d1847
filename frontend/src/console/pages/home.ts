import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import type { Context } from "../context";
import type { Answer, AnswerRule, Consent, Health, Home, Invitation, Line, Program, Settlement } from "../documents";
import { healthOf } from "../health";
import { nameOf } from "../parts/consents";
import { empty, failure, shown, state } from "../parts/said";
import { consoleStyle } from "../style";
import { ANSWERS } from "./invitation_detail";
import { pay } from "./invitations";

interface Own {
  homes: { home: Home; health: Health | undefined; consents: Consent[]; rules: AnswerRule[] }[];
  programs: Program[];
  invitations: { invitation: Invitation; answers: Answer[] }[];
  lines: Line[];
}

const RULES = ["ask", "yes", "no"] as const;

/** The household's own page: what is asked of it, what it was paid, and what it agreed to. */
export class HomePage extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #own = new Asked<Own>(this, (context) => this.#ask(context), ["invitation.", "settlement."]);
  readonly #doing = new Doing(this);

  async #ask({ api }: Context): Promise<Own> {
    const [homes, health, programs, invitations, settlements] = await Promise.all([
      api.get<Home[]>("/homes"),
      api.get<Health[]>("/homes/health"),
      api.get<Program[]>("/programs"),
      api.get<Invitation[]>("/invitations"),
      api.get<Settlement[]>("/settlements"),
    ]);
    const [own, asked, lines] = await Promise.all([
      Promise.all(
        homes.map(async (home) => {
          const path = `/homes/${encodeURIComponent(home.ven_id)}`;
          const [consents, rules] = await Promise.all([
            api.get<Consent[]>(`${path}/consents`),
            api.get<AnswerRule[]>(`${path}/answer-rules`),
          ]);
          return { home, health: health.find(({ ven_id }) => ven_id === home.ven_id), consents: consents.reverse(), rules };
        }),
      ),
      Promise.all(
        invitations
          .filter((each) => each.state === "open")
          .map(async (invitation) => ({ invitation, answers: await api.get<Answer[]>(`/invitations/${invitation.id}/answers`) })),
      ),
      Promise.all(settlements.map(({ id }) => api.get<Line[]>(`/settlements/${id}/lines`))),
    ]);
    return { homes: own, programs, invitations: asked, lines: lines.flat() };
  }

  #do(deed: () => Promise<unknown>): void {
    void this.#doing.run(async () => {
      await deed();
      await this.#own.refresh();
    });
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <h1>${t("page_home")}</h1>
      ${failure(this.context, this.#doing)} ${shown(this.context, this.#own, (own) => this.#show(own))}
    </div>`;
  }

  #show(own: Own): TemplateResult {
    const { t } = this.context.words;
    if (!own.homes.length) return html`<section class="card">${empty(t("home_none"))}</section>`;
    return html`${this.#invitations(own)}
      <section class="card">
        <h2>${t("own_lines")}</h2>
        ${own.lines.length
          ? own.lines.map(
              (line) => html`<hc-own-line .context=${this.context} .line=${line} @checked=${() => this.#own.refresh()}></hc-own-line>`,
            )
          : empty(t("own_lines_none"))}
      </section>
      ${own.homes.map((each) => this.#home(each, own.programs))}`;
  }

  #invitations({ invitations, programs }: Own): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    const open = invitations.flatMap(({ invitation, answers }) => answers.map((answer) => ({ invitation, answer })));
    return html`<section class="card">
      <h2>${t("asked_of_you")}</h2>
      ${open.length
        ? html`<ul class="rows">
            ${open.map(
              ({ invitation, answer }) => html`<li class="stack">
                <div class="row">
                  <strong class="grow"
                    >${t(invitation.direction === "less" ? "asked_less" : "asked_more", {
                      energy: format.energy(answer.asked_kwh * 1000),
                      time: format.moment(invitation.event_time),
                      minutes: format.minutes(invitation.duration_minutes * 60),
                    })}</strong
                  >
                  ${state(ANSWERS[answer.state], words.of("answer", answer.state))}
                </div>
                <p class="hint">
                  ${answer.name} · ${nameOf(programs, invitation.program_id)} · ${pay(this.context, invitation)}
                </p>
                ${this.#answering(invitation, answer)}
              </li>`,
            )}
          </ul>`
        : empty(t("asked_nothing"))}
    </section>`;
  }

  #answering(invitation: Invitation, answer: Answer): TemplateResult {
    const { t } = this.context.words;
    const say = (said: string, promised_kwh: number | null): void =>
      this.#do(() => this.context.api.put(`/invitations/${invitation.id}/answers/${encodeURIComponent(answer.ven_id)}`, { answer: said, promised_kwh }));
    return html`<div class="actions">
      <button ?disabled=${this.#doing.isBusy || answer.state === "no"} @click=${() => say("no", null)}>${t("say_no")}</button>
      <button ?disabled=${this.#doing.isBusy || answer.state === "partly"} @click=${() => say("partly", answer.asked_kwh / 2)}>${t("say_half")}</button>
      <button class="main" ?disabled=${this.#doing.isBusy || answer.state === "yes"} @click=${() => say("yes", null)}>${t("say_yes")}</button>
    </div>`;
  }

  #home({ home, health, consents, rules }: Own["homes"][number], programs: Program[]): TemplateResult {
    const { words } = this.context;
    const how = healthOf(home, health, this.context, new Date());
    return html`<section class="card stack">
        <div class="row">
          <h2 class="grow">${home.name}</h2>
          ${state(how.tone, how.text)}
        </div>
        ${programs.map((program) => this.#rule(home, program, rules))}
        <p class="hint">${words.t("rule_hint")}</p>
      </section>
      <hc-own-consents
        .context=${this.context}
        .home=${home}
        .consents=${consents}
        .programs=${programs}
        @changed=${() => this.#own.refresh()}
      ></hc-own-consents>`;
  }

  #rule(home: Home, program: Program, rules: AnswerRule[]): TemplateResult | typeof nothing {
    const { words, api } = this.context;
    const now = rules.find((rule) => rule.program_id === program.id)?.answer ?? "ask";
    const choose = (event: Event): void => {
      const answer = (event.target as HTMLSelectElement).value;
      this.#do(() => api.put(`/homes/${encodeURIComponent(home.ven_id)}/answer-rules/${program.id}`, { answer, most_kwh: null }));
    };
    return html`<label
      >${words.t("rule_of", { program: program.name })}<select @change=${choose}>
        ${RULES.map((rule) => html`<option value=${rule} ?selected=${rule === now}>${words.of("rule", rule)}</option>`)}
      </select></label
    >`;
  }

  static override styles = consoleStyle;
}
