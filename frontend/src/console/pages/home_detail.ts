import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked, Doing } from "../asked";
import { type Context, href } from "../context";
import type { Consent, Health, Home, Program } from "../documents";
import { healthOf } from "../health";
import { consentCard } from "../parts/consents";
import { empty, failure, shown, state } from "../parts/said";
import { consoleStyle } from "../style";

interface Detail {
  home: Home | undefined;
  health: Health | undefined;
  consents: Consent[];
  programs: Program[];
}

/** One home: how it is, and what its household agreed to, word for word. */
export class HomeDetail extends LitElement {
  static override properties = { context: { attribute: false }, venId: { attribute: false } };
  declare context: Context;
  declare venId: string;

  readonly #detail = new Asked<Detail>(this, (context) => this.#ask(context));
  readonly #doing = new Doing(this);

  async #ask({ api }: Context): Promise<Detail> {
    // Lists go on behind an id: one home is the first behind the id just before its own.
    const before = { after: this.venId.slice(0, -1) || undefined, limit: 1000 };
    const [homes, health, consents, programs] = await Promise.all([
      api.get<Home[]>("/homes", before),
      api.get<Health[]>("/homes/health", before),
      api.get<Consent[]>(`/homes/${encodeURIComponent(this.venId)}/consents`),
      api.get<Program[]>("/programs"),
    ]);
    const own = <T extends { ven_id: string }>(list: T[]): T | undefined => list.find((each) => each.ven_id === this.venId);
    return { home: own(homes), health: own(health), consents: consents.reverse(), programs };
  }

  #end(consent: Consent): void {
    void this.#doing.run(async () => {
      await this.context.api.post(`/consents/${consent.id}/end`);
      await this.#detail.refresh();
    });
  }

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <p><a href=${href("homes")}>${t("homes_back")}</a></p>
      ${failure(this.context, this.#doing)} ${shown(this.context, this.#detail, (detail) => this.#show(detail))}
    </div>`;
  }

  #show({ home, health, consents, programs }: Detail): TemplateResult {
    const { words, format } = this.context;
    if (!home) return empty(words.t("nothing_found"));
    const how = healthOf(home, health, this.context, new Date());
    return html`<h1>${home.name}</h1>
      <div class="beside two">
        <section class="stack">
          <h2>${words.t("consents")}</h2>
          ${consents.length
            ? consents.map((consent) => consentCard(this.context, consent, programs, this.#ending(consent)))
            : empty(words.t("consents_none"))}
        </section>
        <section class="card">
          <h2>${words.t("home")}</h2>
          <dl>
            <div><dt>${words.t("ven_id")}</dt><dd><code>${home.ven_id}</code></dd></div>
            <div><dt>${words.t("health")}</dt><dd>${state(how.tone, how.text)}</dd></div>
            <div><dt>${words.t("feeder")}</dt><dd>${home.feeder ?? "–"}</dd></div>
            <div><dt>${words.t("postcode")}</dt><dd>${home.postcode ?? "–"}</dd></div>
            <div><dt>${words.t("refused_reports")}</dt><dd>${format.number(health?.refused_reports ?? 0)}</dd></div>
          </dl>
        </section>
      </div>`;
  }

  #ending(consent: Consent): TemplateResult | typeof nothing {
    const { words, account } = this.context;
    if (account.role !== "operator" || consent.ended_at) return nothing;
    return html`<button ?disabled=${this.#doing.isBusy} @click=${() => this.#end(consent)}>${words.t("consent_end")}</button>`;
  }

  static override styles = consoleStyle;
}
