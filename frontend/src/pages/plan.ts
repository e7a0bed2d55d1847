import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { EDGE, GUTTER, type Line } from "../chart/lane";
import { linesOf, type PlanLines } from "../chart/plan_lines";
import { moved, type Range, shareOf, within, zoomed } from "../chart/range";
import { type Context, isBusy, steer } from "../context";
import type { Plan, PlanDocument } from "../data/documents";
import { boundsOf, stepAt } from "../data/plan";
import { blockDoes, blockLanes, blocksStyle, blockTime, type Chosen, eventLane } from "../parts/blocks";
import { reasonCard, reasonStyle } from "../parts/reason";
import { shared } from "../style";

const HOURS = [12, 24, 48];
const FIRST_HOURS = 24;

/** What will happen and why: prices, powers, charge and each device's blocks on one time axis. */
export class PlanPage extends LitElement {
  static override properties = {
    context: { attribute: false },
    body: { attribute: false },
    hours: { attribute: false },
    isCard: { attribute: false },
    range: { state: true },
    at: { state: true },
    chosen: { state: true },
    isTable: { state: true },
  };
  declare context: Context;
  declare body: PlanDocument | undefined;
  /** How many hours are shown at first. */
  declare hours: number;
  /** Whether it is a card on a dashboard: then without the table, and with the reason only of what is tapped. */
  declare isCard: boolean;
  declare range: Range | undefined;
  /** The moment that is read, in s since 1970; none: now. */
  declare at: number | undefined;
  declare chosen: Chosen | undefined;
  /** Whether the table is open: it is long, and drawn only then. */
  declare isTable: boolean;

  constructor() {
    super();
    this.hours = FIRST_HOURS;
    this.isCard = false;
  }

  #bounds: number[] = [];
  #made: Plan | undefined;
  #lanes: PlanLines = { price: [], carbon: [], power: [], charge: [] };
  #touches = new Map<number, number>();

  protected override willUpdate(): void {
    const plan = this.body?.plan ?? undefined;
    if (plan === this.#made) return;
    this.#made = plan;
    if (!plan) return;
    this.#bounds = boundsOf(plan);
    this.#lanes = linesOf(plan);
    this.range = within(this.range ?? this.#ahead(this.hours), this.#all);
    // A block of the plan before may be gone; one like it is shown on.
    const { chosen } = this;
    const device = plan.devices.find(({ device_id }) => device_id === chosen?.device.device_id);
    const block = device?.blocks.find(({ end }) => end === chosen?.block.end);
    this.chosen = device && block ? { device, block } : undefined;
  }

  get #all(): Range {
    return { from: this.#bounds[0] ?? 0, to: this.#bounds.at(-1) ?? 1 };
  }

  #ahead(hours: number): Range {
    return { from: this.#all.from, to: this.#all.from + hours * 3600 };
  }

  protected override render(): TemplateResult | typeof nothing {
    const { body, context, range } = this;
    if (!body) return nothing;
    const { words, format } = context;
    const { plan } = body;
    if (!plan || !range) {
      return html`<section class="card"><h2>${words.t("page_plan")}</h2><p>${words.t("plan_none")}</p></section>`;
    }
    return html`<div class="stack ${this.isCard ? "flat" : ""}">
      <section class="card">
        <div class="row">
          <h2 class="grow">${words.t("page_plan")}</h2>
          <div class="row" role="group" aria-label=${words.t("shown_time")}>
            ${HOURS.map((hours) => {
              const isShown = Math.abs(range.to - range.from - hours * 3600) < 60;
              return html`<button class=${isShown ? "main" : ""} aria-pressed=${isShown} @click=${() => this.#show(hours)}>
                ${words.t("hours", { count: format.number(hours) })}
              </button>`;
            })}
          </div>
        </div>
        <p>${this.#sentence(plan)}</p>
        ${this.#chart(plan, range)}
        <p class="reading" aria-hidden="true">${this.#reading(plan)}</p>
        ${this.isCard ? nothing : this.#table(plan)}
      </section>
      ${this.isCard ? (this.chosen ? reasonCard(context, plan, this.chosen) : nothing) : this.#beside(plan)}
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
          ${this.#bent()} ${this.#following()}
        </div>
        <hf-wishes .context=${context} .wishes=${body?.wishes} .plan=${plan}></hf-wishes>
      </div>
      <hf-lived .context=${context} .made=${plan.made_at}></hf-lived>`;
  }

  #sentence(plan: Plan): string {
    const { words, format } = this.context;
    const { currency } = this.context.now;
    const made = words.t("plan_made", { time: format.moment(plan.made_at) });
    const end = format.moment(new Date(this.#all.to * 1000));
    const cost = words.t(plan.cost >= 0 ? "plan_costs" : "plan_earns", {
      amount: format.money(Math.abs(plan.cost), currency),
      time: end,
    });
    const guess = plan.guessed_from === null ? "" : ` ${words.t("plan_guessed", { time: this.#time(plan.guessed_from) })}`;
    return plan.status === "safe_rule" ? words.t("plan_safe_rule") : `${made} ${cost}${guess}`;
  }

  #time(step: number): string {
    return this.context.format.moment(new Date((this.#bounds[step] ?? 0) * 1000));
  }

  #chart(plan: Plan, range: Range): TemplateResult {
    const { words, format } = this.context;
    const { currency } = this.context.now;
    const hour = (at: number): string => format.time(new Date(at * 1000));
    const lane = (title: string, lines: Line[], height: number, value: (value: number) => string, last = false): TemplateResult =>
      html`<p class="title quiet">${title}</p>
        <hf-lane
          .times=${this.#bounds}
          .lines=${lines}
          .range=${range}
          .height=${height}
          .value=${value}
          .hour=${last ? hour : undefined}
        ></hf-lane>`;
    const kw = (watts: number): string => format.number(watts / 1000, Math.abs(watts) % 1000 ? 1 : 0);
    const read = this.at ?? Date.now() / 1000;
    const place = Math.min(1, Math.max(0, shareOf(read, range)));
    const { charge, carbon } = this.#lanes;
    return html`<figure
      class="lanes"
      @pointerdown=${this.#touch}
      @pointermove=${this.#drag}
      @pointerup=${this.#release}
      @pointercancel=${this.#release}
      @pointerleave=${this.#release}
      @wheel=${this.#wheel}
    >
      ${lane(words.t("lane_price", { currency }), this.#lanes.price, 84, (value) => format.number(value, 2))}
      ${carbon.length ? lane(words.t("lane_carbon"), carbon, 60, (value) => format.number(value)) : nothing}
      ${lane(words.t("lane_power"), this.#lanes.power, 140, kw, !charge.length)}
      <ul class="keys">
        ${this.#keys(plan)}
      </ul>
      ${charge.length
        ? lane(words.t("lane_charge"), charge, 92, (value) => format.percent(value), true)
        : nothing}
      ${blockLanes(this.context, plan.devices, range, this.chosen, (chosen) => (this.chosen = chosen))}
      ${eventLane(this.context, this.body?.events ?? [], range)}
      <div
        class="cursor"
        role="slider"
        tabindex="0"
        aria-label=${words.t("cursor")}
        aria-valuemin=${this.#all.from}
        aria-valuemax=${this.#all.to}
        aria-valuenow=${Math.round(Math.min(Math.max(read, this.#all.from), this.#all.to))}
        aria-valuetext=${this.#reading(plan)}
        style="left:calc(${GUTTER}px + ${place} * (100% - ${GUTTER + EDGE}px))"
        @keydown=${this.#key}
      ></div>
      <figcaption class="visually-hidden">${this.#sentence(plan)}</figcaption>
    </figure>`;
  }

  #keys(plan: Plan): TemplateResult[] {
    const { words } = this.context;
    const isThere = (values: (number | null)[] | null): boolean => !!values?.some((value) => value);
    const keys = [
      ["grid", "key_grid"],
      ...(isThere(plan.load_w) ? [["home", "key_load"]] : []),
      ...(isThere(plan.pv_available_w) ? [["sun", "key_sun"]] : []),
      ...(isThere(plan.import_limit_w) ? [["limit", "key_limit"]] : []),
    ];
    return keys.map(([name, key]) => html`<li class=${name ?? ""}><i></i>${words.t(key ?? "")}</li>`);
  }

  /** What the cursor reads: time, price, powers, and what each device does. */
  #reading(plan: Plan): string {
    const { words, format } = this.context;
    const at = this.at ?? Date.now() / 1000;
    const step = stepAt(this.#bounds, at);
    const price = plan.import_price[step];
    const carbon = plan.carbon_g_per_kwh?.[step];
    const grid = plan.grid_w[step] ?? 0;
    const moment = new Date(at * 1000).toISOString();
    const does = plan.devices.flatMap((device) => {
      const block = device.blocks.find(({ start, end }) => start <= moment && moment < end.replace("+00:00", "Z"));
      return block ? [`${device.name}: ${blockDoes(this.context, block)}`] : [];
    });
    return [
      format.moment(new Date(at * 1000)),
      ...(price == null ? [] : [words.t("per_kwh", { amount: format.money(price, this.context.now.currency) })]),
      ...(carbon == null ? [] : [words.t("carbon_per_kwh", { amount: format.number(carbon) })]),
      words.t(grid >= 0 ? "from_grid" : "to_grid", { power: format.power(grid) }),
      ...does,
    ].join(" \u00b7 ");
  }

  #table(plan: Plan): TemplateResult {
    const { words } = this.context;
    const rows = plan.devices
      .flatMap((device) => device.blocks.map((block) => ({ device, block })))
      .sort((one, other) => one.block.start.localeCompare(other.block.start));
    return html`<details @toggle=${(event: Event) => (this.isTable = (event.target as HTMLDetailsElement).open)}>
      <summary>${words.t("as_table")}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${words.t("as_table")}>
        <table>
          <thead>
            <tr>
              ${["when", "device", "does", "why"].map((key) => html`<th scope="col">${words.t(`column_${key}`)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${(this.isTable ? rows : []).map(
              ({ device, block }) => html`<tr>
                <td class="number">${blockTime(this.context, block)}</td>
                <th scope="row">${device.name}</th>
                <td>${blockDoes(this.context, block)}</td>
                <td>${block.reason ? words.planReason(block.reason) : ""}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  #bent(): TemplateResult | typeof nothing {
    const { words } = this.context;
    const bent = this.body?.bent ?? [];
    if (!bent.length) return nothing;
    return html`<section class="card warn">
      <h2>${words.t("bent")}</h2>
      <ul>
        ${bent.map(
          ({ sentence, changes }) => html`<li>
            <p>${sentence}</p>
            ${changes?.length
              ? html`<ul class="quiet">
                  ${changes.map((change) => html`<li>${change.sentence}</li>`)}
                </ul>`
              : nothing}
          </li>`,
        )}
      </ul>
    </section>`;
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

  #show(hours: number): void {
    this.range = within(this.#ahead(hours), this.#all);
  }

  #secondsAt(x: number, box: DOMRect): number {
    const { range } = this;
    if (!range) return 0;
    const share = (x - box.left - GUTTER) / Math.max(1, box.width - GUTTER - EDGE);
    return range.from + share * (range.to - range.from);
  }

  #touch = (event: PointerEvent): void => {
    if ((event.target as Element).closest("button")) return;
    this.#touches.set(event.pointerId, event.clientX);
  };

  #release = (event: PointerEvent): void => {
    this.#touches.delete(event.pointerId);
    if (event.type === "pointerleave") this.at = undefined;
  };

  #drag = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const { range } = this;
    if (!range) return;
    const before = this.#touches.get(event.pointerId);
    if (before === undefined || event.pointerType === "mouse" && event.buttons === 0) {
      this.at = Math.min(Math.max(this.#secondsAt(event.clientX, box), this.#all.from), this.#all.to);
      return;
    }
    const others = [...this.#touches].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    const scale = (range.to - range.from) / Math.max(1, box.width - GUTTER - EDGE);
    if (other === undefined) this.range = moved(range, (before - event.clientX) * scale, this.#all);
    else {
      const factor = Math.abs(before - other) / Math.max(20, Math.abs(event.clientX - other));
      this.range = zoomed(range, factor, this.#secondsAt((other + event.clientX) / 2, box), this.#all);
    }
    this.#touches.set(event.pointerId, event.clientX);
  };

  #wheel = (event: WheelEvent): void => {
    const { range } = this;
    if (!range || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const by = event.deltaY || event.deltaX;
    this.range = event.shiftKey
      ? moved(range, ((range.to - range.from) / 10) * Math.sign(by), this.#all)
      : zoomed(range, by > 0 ? 1.2 : 1 / 1.2, this.#secondsAt(event.clientX, box), this.#all);
  };

  /** By steps with the arrows, to the ends with Home and End, nearer and further with plus and minus. */
  #key = (event: KeyboardEvent): void => {
    const { range } = this;
    if (!range) return;
    const at = this.at ?? Math.max(Date.now() / 1000, this.#all.from);
    const step = stepAt(this.#bounds, at);
    const steps: Record<string, number> = {
      ArrowRight: step + (event.shiftKey ? 8 : 1),
      ArrowLeft: step - (event.shiftKey ? 8 : 1),
      Home: 0,
      End: this.#bounds.length - 2,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      const next = this.#bounds[Math.min(Math.max(to, 0), this.#bounds.length - 2)] ?? at;
      this.at = next;
      if (next < range.from || next >= range.to) {
        this.range = moved(range, next - (range.from + range.to) / 2, this.#all);
      }
    } else if (event.key === "+" || event.key === "-") {
      this.range = zoomed(range, event.key === "+" ? 0.5 : 2, at, this.#all);
    } else return;
    event.preventDefault();
  };

  static override styles = [
    shared,
    blocksStyle,
    reasonStyle,
    css`
      .card > .row + p {
        margin-block-start: 8px;
      }
      .flat .card {
        border: 0;
      }
      .lanes {
        position: relative;
        margin-block-start: 12px;
        touch-action: pan-y;
        user-select: none;
      }
      .title {
        font-size: 0.8125rem;
        margin-block-start: 8px;
      }
      .cursor {
        position: absolute;
        inset-block: 0;
        width: 2px;
        margin-inline-start: -1px;
        background: color-mix(in srgb, var(--error-color, #db4437) 75%, transparent);
        pointer-events: none;
      }
      .keys {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
        padding-inline-start: 52px;
        font-size: 0.8125rem;
      }
      .keys li {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .keys i {
        width: 18px;
        border-block-start: 3px solid var(--of);
      }
      .keys .home {
        --of: var(--primary-text-color);
      }
      .keys .limit i {
        border-block-start: 3px dashed var(--error-color, #db4437);
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
      details {
        margin-block-start: 8px;
      }
      summary {
        min-height: 32px;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 0.875rem;
      }
      th,
      td {
        text-align: start;
        vertical-align: top;
        font-weight: 400;
        padding: 6px 10px 6px 0;
        border-block-end: 1px solid var(--divider-color);
      }
      thead th {
        color: var(--secondary-text-color);
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
