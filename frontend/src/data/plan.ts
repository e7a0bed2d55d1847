import type { Alternative, Block, Plan, PlannedDevice } from "./documents";

/** The bounds of a plan's steps in s since 1970: one more than it has steps. */
export function boundsOf(plan: Plan): number[] {
  let at = Date.parse(plan.start) / 1000;
  return [at, ...plan.lengths_s.map((length) => (at += length))];
}

/** Which step a moment is in; the first before the plan, the last after it. */
export function stepAt(bounds: number[], at: number): number {
  let step = 0;
  while (step < bounds.length - 2 && (bounds[step + 1] ?? Infinity) <= at) step++;
  return step;
}

export interface Otherwise {
  /** `now`: instead of later; `dearest`: at the dearest time instead; `without`: not at all. */
  kind: "now" | "dearest" | "without";
  at: number;
  costs: number;
}

/**
 * What it would cost to do otherwise than a block says, by the marginal price of each step; null where that
 * is not known, or nothing is done in it.
 *
 * What takes energy is compared with taking it now (or, when it runs now, at the dearest time); what gives
 * energy with keeping what it is worth.
 */
export function otherwise(plan: Plan, device: PlannedDevice, block: Block, nowS: number): Otherwise | null {
  const bounds = boundsOf(plan);
  const start = Date.parse(block.start) / 1000;
  const end = Date.parse(block.end) / 1000;
  let wattHours = 0;
  let money = 0;
  const unknown: number[] = [];
  plan.lengths_s.forEach((length, step) => {
    const from = bounds[step] ?? 0;
    if (from < start || from >= end) return;
    const energy = ((device.power_w[step] ?? 0) * length) / 3600;
    wattHours += energy;
    const price = plan.marginal_price[step];
    if (price == null) unknown.push(step);
    money += (energy / 1000) * (price ?? 0);
  });
  if (unknown.length || Math.abs(wattHours) < 50) return null;
  if (wattHours < 0) {
    const worth = block.numbers["worth"];
    if (worth === undefined) return null;
    return { kind: "without", at: start, costs: -money - (-wattHours / 1000) * worth };
  }
  const isLater = start > nowS;
  const step = isLater ? stepAt(bounds, nowS) : dearestOf(plan.marginal_price);
  const price = plan.marginal_price[step];
  if (price == null) return null;
  const costs = (wattHours / 1000) * price - money;
  return { kind: isLater ? "now" : "dearest", at: bounds[step] ?? start, costs };
}

/** Less than this runs nothing. */
const NOTHING_W = 20;

/**
 * What could be done instead of a block, where that was solved: of what is done now, and of the first that runs
 * later when that could run at once; null for any other block.
 */
export function solvedInstead(device: PlannedDevice, block: Block, nowS: number): Alternative | null {
  const { alternative, blocks } = device;
  if (!alternative) return null;
  const isAhead = ({ end }: Block): boolean => Date.parse(end) / 1000 > nowS;
  if (isAhead(block) && Date.parse(block.start) / 1000 <= nowS) return alternative;
  const next = blocks.find((each) => isAhead(each) && Math.abs(each.power_w) > NOTHING_W);
  return alternative.instead === "at_once" && next?.start === block.start ? alternative : null;
}

function dearestOf(prices: (number | null)[]): number {
  return prices.reduce<number>((best, price, step) => ((price ?? -Infinity) > (prices[best] ?? -Infinity) ? step : best), 0);
}

/** The plan as it was when a wish was changed. */
export interface Changed {
  madeAt: string | undefined;
  start: string | undefined;
  cost: number | undefined;
}

/** Plans that begin further apart than this cannot be compared by what they cost in all. */
const ALIKE_MS = 600_000;

/** What a change costs more, by the plan before and the first one after it; undefined while that is not there. */
export function costOfChange(changed: Changed, plan: Plan | undefined): number | undefined {
  const { madeAt, start, cost } = changed;
  if (!plan || madeAt === undefined || start === undefined || cost === undefined) return undefined;
  if (plan.made_at === madeAt || plan.status === "safe_rule") return undefined;
  if (Math.abs(Date.parse(plan.start) - Date.parse(start)) > ALIKE_MS) return undefined;
  return plan.cost - cost;
}
