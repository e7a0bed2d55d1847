import { describe, expect, it } from "vitest";
import { type Account, barsOf, csvOf, type MoneyDocument, type Part, periodOf, statementLines } from "../src/data/money";
import type { TemplateResult } from "lit";
import type { Context } from "../src/context";
import { Format } from "../src/data/format";
import { Words } from "../src/data/words";
import { axisOf, niceStep } from "../src/parts/bars";
import { periodName } from "../src/parts/date_bar";
import { paidOf, sufficiencyOf, sumsCard } from "../src/parts/money_cards";
import { textsIn } from "./texts_in";

const amount = (wh: number | null, known = 1) => ({ wh, known, measured: known });
const account: Account = {
  energy: {
    import: amount(600),
    export: amount(200),
    production: amount(900, 0.5),
    charge: amount(300),
    discharge: amount(0),
    load: amount(1000),
    direct_consumption: amount(400),
  },
  bought: { amount: "0.18", known: 1 },
  sold: { amount: null, known: 0 },
  paid: "0.18",
  carbon_g: { amount: 120, known: 0.25 },
  self_consumption: null,
  self_sufficiency: null,
};
const part: Part = { ...account, start: "2026-03-29T00:00:00+00:00" };

describe("what a period comes to", () => {
  const context = {
    words: { t: (key: string, { share = "" } = {}) => `${key} ${share}`.trim() },
    format: {
      percent: (share: number) => `${Math.round(share * 100)} %`,
      money: (paid: number, currency: string) => `${paid} ${currency}`,
    },
  } as unknown as Context;

  it.each([
    [0.37, "37 %"],
    [0, "0 %"],
    [-0.14, "self_sufficiency_stored 0 %"],
  ])("is never less than nothing without the grid: %d", (share, said) => {
    expect(sufficiencyOf(context, share)).toBe(said);
  });

  it.each([
    ["3.20", "money_paid", "3.20 EUR"],
    ["0.00", "money_paid", "0.00 EUR"],
    ["-3.20", "money_received", "3.20 EUR"],
  ])("is paid or received, without a sign: %s", (paid, key, amount) => {
    expect(paidOf(context, paid, "EUR")).toEqual({ key, amount });
  });
});

describe("a bar", () => {
  it("has what came in above and what went out below", () => {
    expect(barsOf([part])).toEqual([
      {
        start: part.start,
        up: [
          { key: "sun", wh: 400 },
          { key: "grid", wh: 600 },
        ],
        down: [
          { key: "battery", wh: 300 },
          { key: "export", wh: 200 },
        ],
      },
    ]);
  });

  it("is empty where nothing is known", () => {
    const energy = { ...account.energy, import: amount(null, 0), direct_consumption: null, charge: null, export: null };
    expect(barsOf([{ ...part, energy }])[0]).toMatchObject({ up: [], down: [] });
  });

  it.each([
    [100, 50],
    [4_100, 2_000],
    [12_000, 5_000],
    [31_000, 20_000],
  ])("of at most %d Wh is read at lines %d Wh apart", (most, step) => expect(niceStep(most)).toBe(step));

  it.each([
    ["nothing is known of", [], [], { step: 50, most: 50, least: 0 }],
    ["only was fed in", [], [4000], { step: 2000, most: 0, least: 4000 }],
    ["was bought and fed in", [5000, 1000], [900], { step: 2000, most: 6000, least: 2000 }],
  ])("of what %s has at least one step to be drawn by", (_, up, down, axis) => {
    const bar = (wh: number[]): { key: "grid"; wh: number }[] => wh.map((each) => ({ key: "grid", wh: each }));
    expect(axisOf([{ start: "", up: bar(up), down: bar(down) }])).toEqual(axis);
  });
});

describe("the sum of a period", () => {
  const context = {
    words: new Words((key, values) => `${key.replace("component.home_flex.common.panel_", "")} ${values?.["share"] ?? ""}`.trim()),
    format: new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC"),
  } as unknown as Context;
  const said = (bought: number, sold: number, exports = true): string[] => {
    const total = {
      ...account,
      bought: { amount: "0.18", known: bought },
      sold: { amount: "0.02", known: sold },
      energy: { ...account.energy, export: exports ? amount(200) : null },
      peak: null,
      fees: null,
    };
    const document = { total, earned: null, until: "2026-03-29T12:00:00Z", after: null, currency: "EUR" };
    // What stands above the lines that it is made of.
    return textsIn((sumsCard(context, document as unknown as MoneyDocument) as TemplateResult).values.slice(0, 4)).map((text) => text.replaceAll("\u00a0", " "));
  };

  it.each([
    [1, 1, true, ["money_paid", "€0.18", "money_counted"]],
    [0.8, 0.5, true, ["money_paid", "€0.18", "money_counted", "known_share 50 %"]],
    [0.8, 0.5, false, ["money_paid", "€0.18", "money_counted", "known_share 80 %"]],
    [0.8, 0, true, ["money_paid", "unknown", "money_counted"]],
  ])("is known as well as what is known least of it: bought %d, sold %d (feeds in: %s)", (bought, sold, exports, texts) => {
    expect(said(bought, sold, exports)).toEqual(texts);
  });
});

describe("the table that is saved", () => {
  const [head, row] = csvOf({ currency: "EUR", parts: [part] } as unknown as MoneyDocument)
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
  const cell = (name: string): string | undefined => row?.[head?.indexOf(name) ?? -1];

  it("has as many cells as titles", () => expect(row).toHaveLength(head?.length ?? 0));
  it("says of each figure how much of it is known", () => {
    expect([cell("import_wh"), cell("import_known")]).toEqual(["600", "1"]);
    expect([cell("production_wh"), cell("production_known")]).toEqual(["900", "0.5"]);
    expect([cell("carbon_g"), cell("carbon_known")]).toEqual(["120", "0.25"]);
  });
  it("leaves empty what is not known, and names the currency", () => {
    expect([cell("bought_eur"), cell("sold_eur"), cell("sold_known")]).toEqual(["0.18", "", "0"]);
  });
});

describe("a statement", () => {
  it("is read line by line, with commas or points, and without its titles", () => {
    expect(statementLines("event;kWh;EUR\nevent-1;0,9;0.36\r\nevent-2;;-1,20\nevent-3\t2\n")).toEqual([
      { event_id: "event-1", delivered: "0.9", paid: "0.36" },
      { event_id: "event-2", paid: "-1.20" },
      { event_id: "event-3", delivered: "2" },
    ]);
  });

  it.each(["", "nothing here", "event-1;much;1", "event-1;1x;1\nevent-2;1;1", "event-1;1;2\nevent-2;one;2"])("is not guessed from %j", (text) =>
    expect(statementLines(text)).toBeNull(),
  );
});

describe("an address", () => {
  it.each([
    ["/home-flex/money/week/2026-11-30", "week", "2026-11-30"],
    ["/home-flex/money", "month", undefined],
    ["/home-flex/money/", "month", undefined],
    ["/home-flex/money/decade/2026-11-30", "month", "2026-11-30"],
    ["/home-flex/money/day/tomorrow", "day", undefined],
  ])("%s names a period", (path, grouping, date) => expect(periodOf(path)).toEqual({ grouping, date }));
});

describe("the name of a period", () => {
  const format = new Format({ language: "en-GB", number_format: "language", time_format: "24" }, "Europe/Brussels");
  const year = new Date().getFullYear();
  const named = (grouping: string, start: string, end: string): string =>
    periodName({ format } as Context, { grouping, start, end } as MoneyDocument).replaceAll("\u2009", " ");

  it("has the year where it is another than that of now", () => {
    expect(named("day", "1990-01-01T00:00:00+01:00", "1990-01-02T00:00:00+01:00")).toContain("1 January 1990");
    expect(named("week", "1990-01-01T00:00:00+01:00", "1990-01-08T00:00:00+01:00")).toBe("Mon 1 Jan – 7 Jan 1990");
    expect(named("day", `${year}-06-01T00:00:00+02:00`, `${year}-06-02T00:00:00+02:00`)).not.toContain(String(year));
  });
});
