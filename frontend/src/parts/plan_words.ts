import type { Context } from "../context";
import type { Plan } from "../data/documents";
import { stepAt } from "../data/plan";
import { momentDoes } from "./blocks";

/** A plan in one sentence: when it was made, what it costs until its end, from when on prices are guessed. */
export function planSentence({ words, format, now }: Context, plan: Plan, bounds: number[]): string {
  const at = (seconds: number | undefined): string => format.moment(new Date((seconds ?? 0) * 1000));
  const made = words.t("plan_made", { time: format.moment(plan.made_at) });
  const cost = words.t(plan.cost >= 0 ? "plan_costs" : "plan_earns", {
    amount: format.money(Math.abs(plan.cost), now.currency),
    time: at(bounds.at(-1)),
  });
  const { guessed_from } = plan;
  const guess = guessed_from === null ? "" : ` ${words.t("plan_guessed", { time: at(bounds[guessed_from]) })}`;
  return plan.status === "safe_rule" ? words.t("plan_safe_rule") : `${made} ${cost}${guess}`;
}

/** What a plan has at a moment (s since 1970): price, powers, and what each device does. */
export function planReading(context: Context, plan: Plan, bounds: number[], at: number): string {
  const { words, format, now } = context;
  const step = stepAt(bounds, at);
  const price = plan.import_price[step];
  const carbon = plan.carbon_g_per_kwh?.[step];
  const grid = plan.grid_w[step] ?? 0;
  const atMs = at * 1000;
  const does = plan.devices.flatMap((device) => {
    const block = device.blocks.find(({ start, end }) => Date.parse(start) <= atMs && atMs < Date.parse(end));
    // At this moment, not in the mean of the block: no sun gives anything by night.
    const power_w = device.power_w[step];
    return block ? [`${device.name}: ${momentDoes(context, block.does, power_w ?? block.power_w)}`] : [];
  });
  return [
    format.moment(new Date(atMs)),
    ...(price == null ? [] : [format.price(price, now.currency)]),
    ...(carbon == null ? [] : [words.t("carbon_per_kwh", { amount: format.number(carbon) })]),
    words.t(grid >= 0 ? "from_grid" : "to_grid", { power: format.power(grid) }),
    ...does,
  ].join(" \u00b7 ");
}
