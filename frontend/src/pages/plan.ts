import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { linesOf, type PlanLines } from "../chart/plan_lines";
import { TimeAxis } from "../chart/time_axis";
import { type Context, isBusy, steer } from "../context";
import type { Plan, PlanDocument } from "../data/documents";
import { boundsOf } from "../data/plan";
import { bentCards, leftOutCard } from "../parts/bent";
import { blocksStyle, type Chosen } from "../parts/blocks";
import { planChart, planChartStyle } from "../parts/plan_chart";
import { planTable, planTableStyle } from "../parts/plan_table";
import { planReading, planSentence } from "../parts/plan_words";
import { reasonCard, reasonStyle } from "../parts/reason";
import { shared } from "../style";

const HOURS = [12, 24, 48];
const FIRST_HOURS = 24;
const HOURS_BESIDE = 12;

/** What will happen and why: prices, powers, charge and each device's blocks on one time axis. */
export class PlanPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    body: { attribute: false },
    hours: { attribute: false },
    isCard: { attribute: false },
    chosen: { state: true },
    isTable: { state: true },
  };
  declare context: Context;
  declare body: PlanDocument | undefined;
  /** How many hours are shown at first. */
  declare hours: number;
  /** Whether it is a card on a dashboard: then without the table, and with the reason only of what is tapped. */
  declare isCard: boolean;
  declare chosen: Chosen | undefined;
  /** Whether the table is open: it is long, and drawn only then. */
  declare isTable: boolean;

  readonly #axis = new TimeAxis(this);
  #made: Plan | undefined;
  #lines: PlanLines = { price: [], carbon: [], power: [], charge: [] };

  constructor() {
    super();
    this.hours = FIRST_HOURS;
    this.isCard = false;
    this.isTable = false;
  }

  protected override willUpdate(): void {
    const plan = this.body?.plan ?? undefined;
    if (plan === this.#made) return;
    this.#made = plan;
    if (!plan) return;
    this.#axis.take(boundsOf(plan), this.hours);
    this.#lines = linesOf(plan);
    // A block of the plan before may be gone; one like it is shown on.
    const { chosen } = this;
    const device = plan.devices.find(({ device_id }) => device_id === chosen?.device.device_id);
    const block = device?.blocks.find(({ end }) => end === chosen?.block.end);
    this.chosen = device && block ? { device, block } : undefined;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { body, context } = this;
    const { range } = this.#axis;
    if (!body) return nothing;
    const { words } = context;
    const { plan } = body;
    if (!plan || !range) {
      return html`<section class="card"><h2>${words.t("page_plan")}</h2><p>${words.t("plan_none")}</p></section>`;
    }
    const { bounds, read } = this.#axis;
    return html`<div class="stack ${this.isCard ? "flat" : ""}">
      <section class="card">
        <div class="row">
          <h2 class="grow">${words.t("page_plan")}</h2>
          ${this.#hours()}
        </div>
        <p>${planSentence(context, plan, bounds)}</p>
        ${planChart(context, this.#axis, range, {
          plan,
          lines: this.#lines,
          events: body.events,
          chosen: this.chosen,
          choose: (chosen) => (this.chosen = chosen),
        })}
        <p class="reading" aria-hidden="true">${planReading(context, plan, bounds, read)}</p>
        ${this.isCard ? nothing : planTable(context, plan, this.isTable, (isOpen) => (this.isTable = isOpen))}
      </section>
      ${this.isCard ? (this.chosen ? reasonCard(context, plan, this.chosen) : nothing) : this.#beside(plan)}
    </div>`;
  }

  #hours(): TemplateResult {
    const { words, format } = this.context;
    return html`<div class="row" role="group" aria-label=${words.t("shown_time")}>
      ${HOURS.map((hours) => {
        const isShown = this.#axis.isShown(hours);
        return html`<button
          class=${isShown ? "main" : ""}
          aria-pressed=${isShown}
          @click=${() => this.#axis.show(hours)}
        >
          ${words.t("hours", { count: format.number(hours) })}
        </button>`;
      })}
    </div>`;
  }

  #beside(plan: Plan): TemplateResult {
    const { body, context } = this;
    const { words } = context;
    return html`<div class="columns">
        <div class="stack">
          ${this.chosen
            ? reasonCard(context, plan, this.chosen)
            : html`<section class="card quiet">${words.t("tap_a_block")}</section>`}
          ${bentCards(context, body?.bent ?? [])} ${leftOutCard(context, body?.left_out ?? [])} ${this.#following()}
        </div>
        <hf-wishes .context=${context} .wishes=${body?.wishes} .plan=${plan}></hf-wishes>
      </div>
      <hf-lived .context=${context} .made=${plan.made_at}></hf-lived>`;
  }

  #following(): TemplateResult {
    const { words, maySteer, isFresh } = this.context;
    const isFollowed = this.body?.is_followed ?? false;
    const does = isFollowed ? "only_show_plan" : "follow_plan";
    return html`<section class="card">
      <p class="quiet">${words.t(isFollowed ? "runs_by_plan" : "runs_by_rules")}</p>
      <div class="actions">
        <button
          class=${isFollowed ? "" : "main"}
          ?disabled=${!maySteer || !isFresh || isBusy(this.context, does, "")}
          @click=${() => steer(this, { does, target: "" })}
        >
          ${words.t(`do_${does}`)}
        </button>
      </div>
    </section>`;
  }

  static override styles = [
    shared,
    blocksStyle,
    planChartStyle,
    planTableStyle,
    reasonStyle,
    css`
      .card > .row + p {
        margin-block-start: 8px;
      }
      .flat .card {
        border: 0;
      }
      .reading {
        min-height: 2.8em;
        line-height: 1.4;
        margin-block-start: 8px;
        font-variant-numeric: tabular-nums;
      }
      .columns {
        display: grid;
        gap: 12px;
        align-items: start;
      }
      @media (min-width: 870px) {
        .columns {
          grid-template-columns: 1fr 1fr;
          gap: 20px;
        }
      }
    `,
  ];
}

/** The plan of the next hours, beside what is now. */
export class PlanAhead extends PlanPage {
  constructor() {
    super();
    this.hours = HOURS_BESIDE;
    this.isCard = true;
  }
}
