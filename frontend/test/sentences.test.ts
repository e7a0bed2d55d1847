import { nothing } from "lit";
import { describe, expect, it, vi } from "vitest";
import type { Context } from "../src/context";
import type { Block, CarOnCharger, NowDevice, Plan, PlannedDevice, Receipt, Worth } from "../src/data/documents";
import { Format } from "../src/data/format";
import type { MoneyDocument } from "../src/data/money";
import { blockSaid, placed } from "../src/parts/blocks";
import { periodName } from "../src/parts/date_bar";
import { carReady, doing, why } from "../src/parts/device_card";
import { joined, progress, worthOf } from "../src/parts/event_card";
import { figure, known } from "../src/parts/known";
import { otherwiseCard } from "../src/parts/money_cards";
import { planReading, planSentence } from "../src/parts/plan_words";
import { numberOf, reasonCard } from "../src/parts/reason";
import { sentence } from "../src/parts/receipt";
import { costSaid } from "../src/parts/wishes";
import { pageOf } from "../src/pages";
import { textsIn } from "./texts_in";

const t = (key: string, values: Record<string, string> = {}): string => [key, ...Object.values(values)].join(" ");
const context = {
  words: { t, reason: (slug: string) => slug, planned: (does: string) => does, planReason: (code: string) => code },
  format: new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC"),
  now: { currency: "EUR" },
} as unknown as Context;
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("what a device does", () => {
  const device = (changes: Partial<NowDevice>): NowDevice => ({
    device_id: "d",
    kind: "battery",
    name: "Device",
    power_w: 0,
    state_of_charge: null,
    vehicle: null,
    session_wh: null,
    car: null,
    link_reason: null,
    judgement: "followed",
    decided_by: "nobody",
    why: null,
    until: null,
    then: null,
    latest_start: null,
    reserve: null,
    override: null,
    offered: [],
    ...changes,
  });

  it.each<[Partial<NowDevice>, string]>([
    [{ power_w: 1200 }, "does_battery_takes 1.2 kW"],
    [{ power_w: -1200 }, "does_battery_gives 1.2 kW"],
    [{ power_w: 20 }, "does_battery_rests 20 W"],
    [{ power_w: null }, "does_unknown"],
    [{ power_w: 1200, link_reason: "cannot_connect" }, "does_unknown"],
    [{ kind: "ev_charger", power_w: 0, vehicle: false }, "does_no_car"],
    [{ kind: "ev_charger", power_w: 7400, vehicle: true }, "does_ev_charger_takes 7.4 kW"],
    [{ kind: "heat_pump", power_w: 800 }, "does_load_takes 800 W"],
  ])("%o: %s", (changes, said) => {
    expect(plain(doing(context, device(changes)))).toBe(said);
  });

  it.each<[Partial<NowDevice>, string]>([
    [{}, "why_by_itself."],
    [{ why: "surplus" }, "surplus."],
    [{ link_reason: "timeout", why: "surplus" }, "why_unreachable"],
    [{ override: { does: "charge_now", until: null } }, "override_until_left override_charge_now"],
  ])("has its reason: %o", (changes, said) => {
    expect(why(context, device(changes))).toBe(said);
  });
});

describe("what a change of a wish costs", () => {
  it.each([
    [undefined, "wish_plans"],
    [0.004, "wish_costs_nothing"],
    [0.31, "wish_costs €0.31"],
    [-0.31, "wish_saves €0.31"],
  ])("is told without a sign: %s", (costs, said) => expect(costSaid(context, costs)).toBe(said));
});

describe("a reason", () => {
  it.each([
    ["missing_wh", 1500, "1.5 kWh"],
    ["limit_w", 2000, "2.0 kW"],
    ["left_h", 1.5, "1 h 30 min"],
    ["price", 0.2995, "€0.300/kWh"],
    ["share", 0.256, "0.26"],
  ])("tells %s of %d in its unit: %s", (name, value, said) => {
    expect(plain(numberOf(context, name, value))).toBe(said);
  });

  it.each([
    [[0.3, 0.1], "otherwise_now_more €0.40"],
    [[0.1, 0.3], "otherwise_now_less €0.40"],
    [[0.1, 0.1], ""],
  ])("tells what it would cost now instead, by prices %o", (marginal_price, said) => {
    const start = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    const later = new Date(start.getTime() + 3_600_000).toISOString();
    const end = new Date(start.getTime() + 7_200_000).toISOString();
    const block: Block = { start: later, end, does: "take", power_w: 2000, reason: null, numbers: {}, later: [] };
    const device = { name: "Car", kind: "ev_charger", power_w: [0, 2000], blocks: [block] } as unknown as PlannedDevice;
    const plan = { start: start.toISOString(), lengths_s: [3600, 3600], marginal_price } as unknown as Plan;
    const told = textsIn(reasonCard(context, plan, { device, block })).filter((text) => text.startsWith("otherwise"));
    expect(told.join("")).toBe(said && `${said} ${context.format.moment(start)}`);
  });
});

describe("what the same use would have cost otherwise", () => {
  it.each([
    ["without_plan", 10, "known_days 10 30"],
    ["without_plan", 30, ""],
    // Most days have no event: there is nothing of them that is not known.
    ["without_event", 10, ""],
  ])("says of %s, known of %d of 30 days, of how many: %s", (course, days, said) => {
    const document = { otherwise: [{ course, saved: "-1.20", days }], days: { with_receipt: days, all: 30 }, currency: "EUR" };
    const told = textsIn(otherwiseCard(context, document as unknown as MoneyDocument));
    expect(told).toContain("money_less €1.20");
    expect(told.filter((text) => text.startsWith("known_days")).join("")).toBe(said);
  });

  it.each([
    ["0.00", "money_same"],
    ["-0.00", "money_same"],
    ["1.20", "money_more €1.20"],
  ])("says of %s that it is %s", (saved, said) => {
    const document = { otherwise: [{ course: "without_plan", saved, days: 30 }], days: { with_receipt: 30, all: 30 }, currency: "EUR" };
    expect(textsIn(otherwiseCard(context, document as unknown as MoneyDocument))).toContain(said);
  });
});

describe("a period", () => {
  it("ends with its last day, not with the midnight after it", () => {
    const week = { grouping: "week", start: "2026-11-23T00:00:00Z", end: "2026-11-30T00:00:00Z" } as MoneyDocument;
    expect(periodName(context, week)).toBe("Mon, Nov 23\u2009\u2013\u2009Sun, Nov 29");
  });
});

describe("a car", () => {
  const ready = (car: Partial<CarOnCharger> | null): string => {
    const known = { state_of_charge: 0.43, target: 0.8, ready_at: null, by: null };
    return plain(carReady(context, { car: car && { ...known, ...car } } as NowDevice));
  };
  const at = new Date(Date.now() - (Date.now() % 60_000)).toISOString();
  const time = context.format.moment(at);

  it.each<[Partial<CarOnCharger> | null, string]>([
    [null, ""],
    [{}, ""],
    [{ ready_at: at, by: "plan" }, `car_by_plan 80 % ${time}`],
    [{ ready_at: at, by: "power" }, `car_by_power 80 % ${time}`],
    [{ state_of_charge: 0.8 }, "car_has 80 %"],
  ])("%o has what it is charged up to when that is known: %s", (car, said) => {
    expect(ready(car)).toBe(said);
  });
});

describe("an event", () => {
  const worth = (changes: Partial<Worth>): Worth => ({ worth: 0, carbon_g: null, moved_wh: 0, bends_wishes: false, is_kept: true, ...changes });

  it.each<[Partial<Worth>, string]>([
    [{}, "worth_nothing · comfort_kept"],
    [{ worth: 0.5 }, "worth €0.50 · comfort_kept"],
    [{ worth: -0.5, bends_wishes: true }, "worth_costs €0.50 · comfort_bent"],
    [{ worth: 0.5, carbon_g: -300 }, "worth €0.50 · carbon_less 0.3 · comfort_kept"],
    [{ worth: 0.5, carbon_g: 300 }, "worth €0.50 · carbon_more 0.3 · comfort_kept"],
    [{ worth: 0.5, carbon_g: 20 }, "worth €0.50 · comfort_kept"],
  ])("is worth %o: %s", (changes, said) => {
    expect(worthOf(context, worth(changes))).toBe(said);
  });

  it.each([
    [true, "worth_nothing · comfort_kept"],
    [false, "worth_nothing · comfort_kept · event_short"],
  ])("of which all that it asks is done (%s) says so where joining is told: %s", (is_kept, said) => {
    expect(joined(context, worth({ is_kept }))).toBe(said);
  });

  it.each([
    ["STARTED", "2026-11-29T12:15:00Z", 0.25],
    ["STARTED", "2026-11-29T14:00:00Z", 1],
    ["ACCEPTED", "2026-11-29T12:15:00Z", null],
  ])("that is %s has come as far at %s as %s", (status, at, share) => {
    const event = { status, start: "2026-11-29T12:00:00+00:00", end: "2026-11-29T13:00:00+00:00" };
    expect(progress(event as Parameters<typeof progress>[0], Date.parse(at))).toBe(share);
  });
});

describe("a plan at a moment", () => {
  const block = (from: number, to: number, does: string): Block => ({
    start: `2026-11-29T1${from}:00:00+00:00`,
    end: `2026-11-29T1${to}:00:00+00:00`,
    does,
    power_w: 0,
    reason: null,
    numbers: {},
    later: [],
  });
  const start = Date.parse("2026-11-29T12:00:00Z") / 1000;
  const bounds = [start, start + 3600, start + 7200];
  const plan = {
    start: "2026-11-29T12:00:00+00:00",
    made_at: "2026-11-29T12:00:00+00:00",
    status: "solved",
    cost: 1,
    guessed_from: null,
    import_price: [0.2, 0.3],
    grid_w: [500, -700],
    carbon_g_per_kwh: null,
    devices: [{ device_id: "b", kind: "battery", name: "Battery", power_w: [], state_of_charge: null, blocks: [block(2, 3, "charge"), block(3, 4, "give")] }],
  } as unknown as Plan;

  it.each([
    [start, "€0.20/kWh · from_grid 500 W · Battery: charge"],
    [start + 3599, "€0.20/kWh · from_grid 500 W · Battery: charge"],
    [start + 3600, "€0.30/kWh · to_grid 700 W · Battery: give"],
    [start + 7200, "€0.30/kWh · to_grid 700 W"],
  ])("has the block that begins then, not the one that ends: %d", (at, said) => {
    expect(plain(planReading(context, plan, bounds, at)).split(" · ").slice(1).join(" · ")).toBe(said);
  });

  it.each<[Partial<Plan>, RegExp]>([
    [{}, /^plan_made .* plan_costs €1.00/],
    [{ cost: -1 }, /plan_earns €1.00/],
    [{ guessed_from: 1 }, /plan_guessed .*13:00$/],
    [{ status: "safe_rule" }, /^plan_safe_rule$/],
  ])("is one sentence: %o", (changes, said) => {
    expect(planSentence(context, { ...plan, ...changes }, bounds)).toMatch(said);
  });
});

describe("a block", () => {
  it.each([
    [1234, "Battery, 12:00–14:30: block_mean charge 1.2 kW 2 h 30 min"],
    [-1234, "Battery, 12:00–14:30: block_mean charge 1.2 kW 2 h 30 min"],
    [20, "Battery, 12:00–14:30: charge"],
  ])("says of %d W of what they are the mean: %s", (power_w, said) => {
    const [start, end] = ["2026-11-29T12:00:00Z", "2026-11-29T14:30:00Z"];
    const block: Block = { start, end, does: "charge", power_w, reason: null, numbers: {}, later: [] };
    vi.setSystemTime(start);
    expect(plain(blockSaid(context, { name: "Battery" } as PlannedDevice, block))).toBe(said);
    vi.useRealTimers();
  });

  const from = Date.parse("2026-11-29T12:00:00Z") / 1000;
  const range = { from, to: from + 4 * 3600 };

  it.each([
    ["11:00", "12:00", undefined],
    ["11:00", "13:00", "left:0%;width:25%"],
    ["13:00", "15:00", "left:25%;width:50%"],
    ["15:00", "18:00", "left:75%;width:25%"],
    ["16:00", "18:00", undefined],
  ])("from %s to %s is drawn as far as it is looked at: %s", (start, end, style) => {
    expect(placed(`2026-11-29T${start}:00Z`, `2026-11-29T${end}:00Z`, range)).toBe(style);
  });
});

describe("a figure", () => {
  it.each<[string | null, number, string[]]>([
    ["1 kWh", 0.9, ["1 kWh", "known_share 90 %"]],
    ["1 kWh", 1, ["1 kWh"]],
    [null, 0, ["unknown"]],
    [null, 0.4, ["unknown"]],
  ])("%s of which %d is known says what is not known once: %s", (value, share, said) => {
    expect(textsIn(figure(context, value, share)).map(plain)).toEqual(said);
  });

  it.each([
    [1, null],
    [0.996, null],
    [0.9, "known_share 90 %"],
    [0, "known_nothing"],
  ])("of which %d is known says so where that is not all: %s", (share, said) => {
    const told = known(context, share);
    expect(told === nothing ? null : plain(String((told as { values: unknown[] }).values[0]))).toBe(said);
  });
});

describe("a receipt", () => {
  const receipt = (changes: Partial<Receipt>): Receipt =>
    ({ used_wh: 900, baseline_wh: 1500, delivered_wh: 600, asks: "less", paid: null, currency: null, ...changes }) as Receipt;

  it.each<[Partial<Receipt>, string]>([
    [{}, "receipt_said_less 900 Wh 1.5 kWh 600 Wh"],
    [{ asks: "more" }, "receipt_said_more 900 Wh 1.5 kWh 600 Wh"],
    [{ used_wh: null }, "receipt_not_measured"],
    [{ baseline_wh: null }, "receipt_said_used 900 Wh"],
    [{ paid: "0.42", currency: "EUR" }, "receipt_said_less 900 Wh 1.5 kWh 600 Wh receipt_said_paid €0.42"],
    [{ paid: "42", currency: "points" }, "receipt_said_less 900 Wh 1.5 kWh 600 Wh receipt_said_paid 42.00 points"],
  ])("says of %o: %s", (changes, said) => {
    expect(plain(sentence(context, receipt(changes)))).toBe(said);
  });
});

it.each([
  ["/plan", "plan"],
  ["/money/month/2026-11-01", "money"],
  ["/elsewhere", "now"],
  [undefined, "now"],
])("the address %s shows the page %s", (path, page) => {
  expect(pageOf(path)).toBe(page);
});
