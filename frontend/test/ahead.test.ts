import { describe, expect, it } from "vitest";
import { bestOf, daysAhead, levelOf } from "../src/data/ahead";
import type { Plan } from "../src/data/documents";

const HOUR = 3600;

/** A plan of so many hours in two steps each, whose prices are those of the hours. */
function plan(start: string, prices: (number | null)[], changes: Partial<Plan> = {}): Plan {
  return {
    start,
    lengths_s: prices.flatMap(() => [HOUR / 2, HOUR / 2]),
    made_at: start,
    status: "solved",
    cost: 0,
    import_price: prices.flatMap((price) => [price, price]),
    export_price: [],
    marginal_price: [],
    guessed_from: null,
    carbon_g_per_kwh: null,
    grid_w: [],
    load_w: [],
    load_band_w: null,
    pv_available_w: null,
    pv_available_band_w: null,
    import_limit_w: null,
    devices: [],
    ...changes,
  };
}

describe("the hours ahead", () => {
  it("are those of the home's days, the first from now on", () => {
    const days = daysAhead(plan("2026-11-29T17:00:00+00:00", Array<number>(36).fill(0.3)), "Europe/Amsterdam");
    expect(days.map(({ gone, hours }) => [gone, hours.length])).toEqual([
      [18, 6],
      [0, 24],
    ]);
  });

  it.each([
    ["2026-10-24T22:00:00+00:00", 25],
    ["2026-03-28T23:00:00+00:00", 23],
  ])("of a day on which the clock is set are as many as it has: %s", (start, hours) => {
    const [day] = daysAhead(plan(start, Array<number>(30).fill(0.3)), "Europe/Amsterdam");
    expect(day?.hours.length).toBe(hours);
  });

  it.each(["Australia/Adelaide", "Asia/Kathmandu"])("begin with the hours of a clock that is half an hour off, or a quarter: %s", (zone) => {
    const [today, tomorrow] = daysAhead(plan("2026-11-29T06:00:00+00:00", Array<number>(40).fill(0.3)), zone);
    const minuteOf = (at: number | undefined): string =>
      new Intl.DateTimeFormat("en", { timeZone: zone, minute: "numeric" }).format(at);
    expect([minuteOf(today?.hours[0]?.at), minuteOf(tomorrow?.hours[0]?.at)]).toEqual(["0", "0"]);
    expect([tomorrow?.gone, tomorrow?.hours.length]).toEqual([0, 24]);
  });

  it("are of the home's today also while the world's clock still has yesterday", () => {
    const [today, tomorrow] = daysAhead(plan("2026-08-24T23:30:00+00:00", Array<number>(40).fill(0.3)), "Europe/Berlin");
    expect(today?.gone).toBe(1);
    expect(today?.hours[0]?.at).toBe(Date.parse("2026-08-25T01:00:00+02:00"));
    expect(tomorrow?.hours[0]?.at).toBe(Date.parse("2026-08-26T00:00:00+02:00"));
  });

  it("may cost nothing, or less, and that is known", () => {
    const free = daysAhead(plan("2026-11-29T00:00:00+00:00", [0, -0.1, 0.3]), "UTC");
    expect(free[0]?.hours.map(({ price }) => price)).toEqual([0, -0.1, 0.3]);
    const level = levelOf(free, "price");
    expect([level(-0.1), level(0), level(0.3)]).toEqual([0, expect.closeTo(0.25), 1]);
  });

  it("have the mean of what is known of them", () => {
    const half = plan("2026-11-29T00:00:00+00:00", [0.2, null], { import_price: [0.2, 0.4, null, 0.1] });
    const [day] = daysAhead(half, "UTC");
    expect(day?.hours.map(({ price }) => price)).toEqual([expect.closeTo(0.3), 0.1]);
  });

  it("are guessed where any part of them is", () => {
    const [day] = daysAhead(plan("2026-11-29T00:00:00+00:00", [0.2, 0.2, 0.2], { guessed_from: 3 }), "UTC");
    expect(day?.hours.map(({ isGuessed }) => isGuessed)).toEqual([false, true, true]);
  });
});

describe("the best hours", () => {
  const days = daysAhead(plan("2026-11-29T00:00:00+00:00", [0.3, 0.11, 0.1, 0.12, 0.5, 0.49, null]), "UTC");
  const hoursOf = (found: ReturnType<typeof bestOf>): number[] =>
    [found?.from ?? 0, found?.to ?? 0].map((at) => new Date(at).getUTCHours());

  it("are the cheapest one and what is nearly as cheap beside it", () => {
    expect(hoursOf(bestOf(days, "price", 1))).toEqual([1, 4]);
    expect(bestOf(days, "price", 1)?.mean).toBeCloseTo(0.11);
  });

  it("are the dearest likewise", () => {
    expect(hoursOf(bestOf(days, "price", -1))).toEqual([4, 6]);
  });

  it("end where an hour is not known", () => {
    const parted = daysAhead(plan("2026-11-29T00:00:00+00:00", [0.3, 0.1, null, 0.1, 0.3]), "UTC");
    expect(hoursOf(bestOf(parted, "price", 1))).toEqual([1, 2]);
  });

  it("are as good as the worst where all are the same", () => {
    const flat = daysAhead(plan("2026-11-29T00:00:00+00:00", [0.288, 0.288]), "UTC");
    expect(bestOf(flat, "price", 1)).toEqual(bestOf(flat, "price", -1));
  });

  it("are not there where nothing is known", () => {
    expect(bestOf(days, "carbon", 1)).toBeUndefined();
  });

  it("cost the mean over their time, however long a price holds", () => {
    const [day] = daysAhead(
      plan("2026-11-29T00:00:00+00:00", [0], { lengths_s: [HOUR / 4, (3 * HOUR) / 4], import_price: [0.1, 0.5] }),
      "UTC",
    );
    expect(day?.hours[0]?.price).toBeCloseTo(0.4);
  });

  it("differ by nothing where prices differ by less than anybody pays", () => {
    const nearly = levelOf(daysAhead(plan("2026-11-29T00:00:00+00:00", [0.28, 0.28000001]), "UTC"), "price");
    expect([nearly(0.28), nearly(0.28000001)]).toEqual([0.5, 0.5]);
  });

  it("stand at the ends of the scale, and one price for all in its middle", () => {
    const level = levelOf(days, "price");
    expect([level(0.1), level(0.5)]).toEqual([0, 1]);
    const flat = levelOf(daysAhead(plan("2026-11-29T00:00:00+00:00", [0.28, 0.28]), "UTC"), "price");
    expect(flat(0.28)).toBe(0.5);
  });
});
