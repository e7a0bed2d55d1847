import type { Plan } from "./documents";
import { boundsOf } from "./plan";

/** One hour of the home's clock that lies ahead: what a kWh costs and emits in it, null where that is not known. */
export interface HourAhead {
  /** When it begins, in ms since 1970. */
  at: number;
  price: number | null;
  carbon: number | null;
  isGuessed: boolean;
}

export interface DayAhead {
  hours: HourAhead[];
  /** How many hours of it are over before the first. */
  gone: number;
}

const HOUR_MS = 3_600_000;
/** What is this near to the best, of the way to the worst, counts as good. */
const NEAR = 0.15;

/** The hours of a plan by the days of the home's clock, at most two: they have 23, 24 or 25 hours. */
export function daysAhead(plan: Plan, timeZone: string | undefined): DayAhead[] {
  const bounds = boundsOf(plan).map((second) => second * 1000);
  const last = bounds.at(-1) ?? 0;
  const clock = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const partsOf = (at: number): Record<string, string> =>
    Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  // An hour of the clock: there are zones that are half an hour off, or a quarter.
  const begins = Math.floor((bounds[0] ?? 0) / 60_000) * 60_000;
  const first = begins - Number(partsOf(begins)["minute"]) * 60_000;
  const days = new Map<string, DayAhead>();
  for (let at = first; at < last; at += HOUR_MS) {
    const parts = partsOf(at);
    const name = `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
    const day = days.get(name) ?? { hours: [], gone: Number(parts["hour"]) };
    days.set(name, day);
    day.hours.push({
      at,
      price: meanOf(plan.import_price, bounds, at),
      carbon: plan.carbon_g_per_kwh ? meanOf(plan.carbon_g_per_kwh, bounds, at) : null,
      isGuessed: plan.guessed_from !== null && (bounds[plan.guessed_from] ?? last) < at + HOUR_MS,
    });
  }
  return [...days.values()].slice(0, 2);
}

/** The mean over an hour, of what is known of it. */
function meanOf(values: (number | null)[], bounds: number[], at: number): number | null {
  let sum = 0;
  let length = 0;
  values.forEach((value, step) => {
    const from = Math.max(at, bounds[step] ?? 0);
    const to = Math.min(at + HOUR_MS, bounds[step + 1] ?? 0);
    if (value === null || to <= from) return;
    sum += value * (to - from);
    length += to - from;
  });
  return length ? sum / length : null;
}

export interface Stretch {
  from: number;
  to: number;
  mean: number;
}

/** The hours around the best one (`sign` 1: the smallest, -1: the largest) that are nearly as good as it. */
export function bestOf(days: DayAhead[], of: "price" | "carbon", sign: 1 | -1): Stretch | undefined {
  const hours = days.flatMap((day) => day.hours).filter((hour) => hour[of] !== null);
  const worth = (hour: HourAhead | undefined): number => sign * (hour?.[of] ?? Infinity * sign);
  const best = hours.reduce<HourAhead | undefined>((one, other) => (worth(other) < worth(one) ? other : one), hours[0]);
  if (!best) return undefined;
  const values = hours.map((hour) => hour[of] as number);
  const span = Math.max(...values) - Math.min(...values);
  // An hour of which nothing is known parts those beside it.
  const isNear = (hour: HourAhead | undefined, beside: HourAhead | undefined): boolean =>
    hour !== undefined &&
    Math.abs(hour.at - (beside?.at ?? 0)) === HOUR_MS &&
    Math.abs((hour[of] as number) - (best[of] as number)) <= NEAR * span;
  let first = hours.indexOf(best);
  let last = first;
  while (isNear(hours[first - 1], hours[first])) first--;
  while (isNear(hours[last + 1], hours[last])) last++;
  const near = hours.slice(first, last + 1);
  return {
    from: near[0]?.at ?? best.at,
    to: (near.at(-1)?.at ?? best.at) + HOUR_MS,
    mean: near.reduce((sum, hour) => sum + (hour[of] as number), 0) / near.length,
  };
}

/** Where a value lies between the smallest and the largest, 0 to 1; 0.5 where they are as good as the same. */
export function levelOf(days: DayAhead[], of: "price" | "carbon"): (value: number) => number {
  const values = days.flatMap(({ hours }) => hours.map((hour) => hour[of])).filter((value) => value !== null);
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return (value) => (span > 1e-4 * Math.max(1, Math.abs(low)) ? (value - low) / span : 0.5);
}
