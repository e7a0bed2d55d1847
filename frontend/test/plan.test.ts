import { describe, expect, it } from "vitest";
import type { Context } from "../src/context";
import { coloursOf } from "../src/chart/lane";
import { isKnown, linesOf } from "../src/chart/plan_lines";
import { moved, within, zoomed } from "../src/chart/range";
import type { Block, Plan, PlannedDevice } from "../src/data/documents";
import { Format } from "../src/data/format";
import { Words } from "../src/data/words";
import { planReading } from "../src/parts/plan_words";
import { boundsOf, costOfChange, otherwise, solvedInstead, stepAt } from "../src/data/plan";

const START = Date.parse("2026-11-29T12:00:00Z") / 1000;
const HOUR = 3600;
const plan = {
  start: "2026-11-29T12:00:00+00:00",
  lengths_s: [HOUR, HOUR, HOUR, HOUR],
  marginal_price: [0.3, 0.5, 0.1, 0.1],
} as unknown as Plan;
const device = (...power_w: number[]) => ({ power_w }) as unknown as PlannedDevice;
const block = (from: number, to: number, numbers = {}): Block => ({
  start: new Date((START + from * HOUR) * 1000).toISOString(),
  end: new Date((START + to * HOUR) * 1000).toISOString(),
  does: "take",
  power_w: 0,
  reason: null,
  numbers,
  later: [],
});

describe("what it costs to do otherwise", () => {
  it("is what taking the energy now would cost more", () => {
    const other = otherwise(plan, device(0, 0, 5000, 5000), block(2, 4), START);
    expect(other).toEqual({ kind: "now", at: START, costs: expect.closeTo(10 * (0.3 - 0.1)) });
  });

  it("is reckoned of the block alone, not of what begins when it ends", () => {
    const other = otherwise(plan, device(0, 0, 5000, 5000), block(2, 3), START);
    expect(other?.costs).toBeCloseTo(5 * (0.3 - 0.1));
  });

  it("is the dearest time for what runs now", () => {
    const other = otherwise(plan, device(2000, 700, 0, 0), block(0, 1), START + 60);
    expect(other).toEqual({ kind: "dearest", at: START + HOUR, costs: expect.closeTo(2 * (0.5 - 0.3)) });
  });

  it("is dearest among what is known", () => {
    const partly = { ...plan, marginal_price: [0.3, 0.5, 0.1, null] };
    const other = otherwise(partly, device(2000, 0, 0, 0), block(0, 1), START + 60);
    expect(other).toEqual({ kind: "dearest", at: START + HOUR, costs: expect.closeTo(2 * (0.5 - 0.3)) });
  });

  it("is what is bought instead of what would have been given, less its worth", () => {
    const other = otherwise(plan, device(0, -4000, 0, 0), block(1, 2, { worth: 0.2 }), START);
    expect(other).toEqual({ kind: "without", at: START + HOUR, costs: expect.closeTo(4 * (0.5 - 0.2)) });
  });

  it.each([
    ["nothing is done", device(0, 0, 0, 0), block(0, 4)],
    ["what is stored has no known worth", device(0, -4000, 0, 0), block(1, 2)],
  ])("is not told where %s", (_, each, within_) => {
    expect(otherwise(plan, each, within_, START)).toBeNull();
  });

  it("is not told where a price is not known", () => {
    const unknown = { ...plan, marginal_price: [0.3, 0.5, null, 0.1] };
    expect(otherwise(unknown, device(0, 0, 5000, 0), block(2, 3), START)).toBeNull();
  });
});

describe("what was solved to be done instead", () => {
  const waits = { ...block(0, 2), does: "off" };
  const first = { ...block(2, 3), power_w: 5000 };
  const second = { ...block(3, 4), power_w: 5000 };
  const able = (instead: string) =>
    ({ blocks: [waits, first, second], alternative: { instead, costs: 0.1, carbon_g: null, bent: [] } }) as unknown as PlannedDevice;

  it("is told of what is done now, and of the first that could run at once", () => {
    const told = [waits, first, second].map((each) => solvedInstead(able("at_once"), each, START + 60) !== null);
    expect(told).toEqual([true, true, false]);
  });

  it("is told of nothing that comes later where it is about now", () => {
    const told = [waits, first].map((each) => solvedInstead(able("not_now"), each, START + 60) !== null);
    expect(told).toEqual([true, false]);
  });

  it("is not told while nobody reckoned", () => {
    expect(solvedInstead({ ...able("not_now"), alternative: null }, waits, START + 60)).toBeNull();
  });
});

describe("what a plan has at a moment", () => {
  it("is what each device does then, not in the mean of its block", () => {
    const words = new Words((key, values) => [key.split(/[._]/).at(-1), ...Object.values(values ?? {})].join(" "));
    const format = new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC");
    const context = { words, format, now: { currency: "EUR" } } as unknown as Context;
    const sun = { ...device(0, -3000, -3000, 0), name: "PV", blocks: [{ ...block(0, 4), does: "produce", power_w: -1500 }] };
    const made = { ...plan, import_price: [], grid_w: [], devices: [sun] } as unknown as Plan;
    const told = (hour: number): string => planReading(context, made, boundsOf(plan), START + hour * HOUR + 60);
    expect(told(0)).toMatch(/PV: produce$/);
    expect(told(1)).toMatch(/PV: produce 3\.0\u00a0kW$/);
  });
});

describe("steps", () => {
  const bounds = boundsOf(plan);
  it("have one bound more than there are", () => expect(bounds).toHaveLength(5));
  it.each([
    [START - 10, 0],
    [START, 0],
    [START + HOUR, 1],
    [START + 99 * HOUR, 3],
  ])("hold a moment: %d is in step %d", (at, step) => expect(stepAt(bounds, at)).toBe(step));
});

describe("the range that is looked at", () => {
  const all = { from: 0, to: 48 * HOUR };
  it("stays within the plan", () => {
    expect(moved({ from: 0, to: 12 * HOUR }, -HOUR, all)).toEqual({ from: 0, to: 12 * HOUR });
    expect(moved({ from: 30 * HOUR, to: 42 * HOUR }, 99 * HOUR, all)).toEqual({ from: 36 * HOUR, to: 48 * HOUR });
  });
  it("is neither longer than the plan nor shorter than an hour", () => {
    expect(within({ from: -HOUR, to: 99 * HOUR }, all)).toEqual(all);
    expect(within({ from: HOUR, to: HOUR + 60 }, all)).toEqual({ from: HOUR, to: 2 * HOUR });
    const near = zoomed({ from: 0, to: 2 * HOUR }, 0.01, HOUR, all);
    expect(near.to - near.from).toBe(HOUR);
  });
  it("keeps what is pointed at where it is", () => {
    const range = zoomed({ from: 10 * HOUR, to: 20 * HOUR }, 0.5, 12 * HOUR, all);
    expect((12 * HOUR - range.from) / (range.to - range.from)).toBeCloseTo(0.2);
  });
});

describe("what a changed wish costs", () => {
  const before = { madeAt: "2026-11-29T12:00:00+00:00", start: "2026-11-29T12:00:00+00:00", cost: 3 };
  const after = { ...plan, made_at: "2026-11-29T12:00:08+00:00", status: "solved", cost: 3.31 };

  it("is the difference of the plan before and the one that came of it", () => {
    expect(costOfChange(before, after)).toBeCloseTo(0.31);
  });

  it.each([
    ["the plan is still the one before", { ...after, made_at: before.madeAt }],
    ["there is no plan but safe rules", { ...after, status: "safe_rule" }],
    ["the plan begins at another time", { ...after, start: "2026-11-29T13:00:00+00:00" }],
  ])("is not told where %s", (_, each) => expect(costOfChange(before, each)).toBeUndefined());
});

describe("a lane", () => {
  const style = (sun: string, color = "black") => ({
    color,
    getPropertyValue: (name: string) => (name === "--sun" ? sun : "grey"),
  });
  const lines = [{ color: "--grid", values: [] }, { color: "--sun", values: [] }];

  it.each([
    ["the same theme", style("orange"), lines, true],
    ["a theme with the same text and another sun", style("gold"), lines, false],
    ["a dark theme", style("orange", "white"), lines, false],
    ["a line more", style("orange"), [...lines, ...lines], false],
  ])("is drawn as before with %s: %s", (_, shown, drawn, isSame) => {
    expect(coloursOf(shown, drawn) === coloursOf(style("orange"), lines)).toBe(isSame);
  });

  it("has what is guessed of the prices apart, and a limit only where there is one", () => {
    const whole = {
      ...plan,
      import_price: [1, 2, 3],
      guessed_from: 2,
      devices: [],
      pv_available_w: null,
      import_limit_w: [null, null, null],
    } as unknown as Plan;
    const { price, power } = linesOf(whole);
    expect(price.map(({ values }) => values)).toEqual([
      [1, 2, null],
      [null, null, 3],
    ]);
    expect(power.map(({ dashed }) => dashed ?? false)).toEqual([false, false]);
    const limited = linesOf({ ...whole, import_limit_w: [null, 2000, null] });
    expect(limited.power.map(({ dashed }) => dashed ?? false)).toEqual([false, false, true]);
  });

  it.each([
    [[], false],
    [[null, null], false],
    [[null, 0], true],
  ])("of which %o is known is drawn: %s", (values, drawn) => {
    expect(isKnown([{ color: "--primary-color", values }])).toBe(drawn);
  });
});
