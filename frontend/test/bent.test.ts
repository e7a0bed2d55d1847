import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nothing } from "lit";
import { expect, it } from "vitest";
import type { Context } from "../src/context";
import type { Bend, WayOut } from "../src/data/documents";
import { Format } from "../src/data/format";
import { Words } from "../src/data/words";
import { bentCards, bentSentence, leftOutCard, wayOutSentence } from "../src/parts/bent";
import { insteadSentence, whyOf } from "../src/parts/reason";
import { textsIn } from "./texts_in";

const FOLDER = join(import.meta.dirname, "../../custom_components/home_flex/translations");

function speaking(language: string): Context {
  const { common } = JSON.parse(readFileSync(join(FOLDER, `${language}.json`), "utf8")) as {
    common: Record<string, string>;
  };
  const words = new Words((key, values = {}) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, value),
      common[key.replace("component.home_flex.common.", "")] ?? "",
    ),
  );
  const format = new Format({ language, number_format: "language", time_format: "24" }, "UTC");
  return { words, format, now: { currency: "EUR" } } as unknown as Context;
}

const plain = (text: string): string => text.replaceAll("\u00a0", " ");
const bend = (changes: Partial<Bend>): Bend => ({
  wish: "import_limit",
  subject_id: "event",
  name: "told in the language of the home",
  amount: 1200,
  changes: null,
  ...changes,
});
const way = (changes: Partial<WayOut>): WayOut => ({
  kind: "leave_event",
  subject_id: "event",
  name: "",
  amount: 0,
  costs: -0.22,
  ...changes,
});

it.each<[string, Partial<Bend>, string]>([
  ["en", { subject_id: "resident" }, "Your limit: 1.2 kWh more than it allows is drawn"],
  ["en", {}, "Limit of an event: 1.2 kWh more than it asks is drawn. That breaks no wish of yours."],
  ["en", { subject_id: "event.1" }, "Limit of an event: 1.2 kWh more than it asks is drawn. That breaks no wish of yours."],
  ["en", { wish: "commitment", subject_id: "setpoint" }, "Setpoint of an event: 1.2 kWh of what it asks is missing. That breaks no wish of yours."],
  ["en", { wish: "reserve", subject_id: "01", name: "Battery", amount: 600 }, "Battery: up to 600 Wh below its reserve"],
  ["en", { wish: "ready_early", subject_id: "02", name: "Car", amount: 5400 }, "Car: ready only just in time, 1 h 30 min of the margin are given up"],
])("what cannot be kept is said in %s: %o", (language, changes, said) => {
  expect(plain(bentSentence(speaking(language), bend(changes)))).toBe(said);
});

it("limits are named in the language of who looks, also one of their phases", () => {
  const german = plain(bentSentence(speaking("de"), bend({ subject_id: "main.l2" })));
  expect(german).toContain("(L2)");
  expect(german).not.toContain("told in the language");
  expect(german).toContain("1,2 kWh");
});

it.each<[Partial<WayOut>, string]>([
  [{}, "Leave the event \u00b7 Brings about €0.22"],
  [{ kind: "higher_limit", subject_id: "01", name: "Garage", amount: 2000, costs: 0.1 }, "Garage: allow 2.0 kW more \u00b7 Costs about €0.10"],
  [{ kind: "later", subject_id: "02", name: "Car", amount: 1800, costs: 0 }, "Car: be ready 30 min later \u00b7 Costs nothing"],
])("what would help is said with what it costs: %o", (changes, said) => {
  expect(plain(wayOutSentence(speaking("en"), way(changes)))).toBe(said);
});

it("what an event asks stands not among the wishes that cannot be kept", () => {
  const cards = (...bent: Bend[]): string[] => textsIn(bentCards(speaking("en"), bent)).filter((text) => /^(What|Events)/.test(text));
  expect(cards()).toEqual([]);
  expect(cards(bend({}))).toEqual(["Events that are met in part"]);
  expect(cards(bend({}), bend({ wish: "reserve", subject_id: "01" }))).toEqual(["What cannot be kept", "Events that are met in part"]);
});

it.each<[number, string]>([
  [0.12, "Not now: €0.12 more."],
  [-0.12, "Not now: €0.12 less."],
  [0.001, "Not now: costs nothing more."],
  [-0.004, "Not now: costs nothing more."],
])("what a device could do now instead is told with what that costs: %d", (costs, said) => {
  const other = { instead: "not_now" as const, costs, carbon_g: null, bent: [] };
  expect(plain(insteadSentence(speaking("en"), other))).toBe(said);
});

it("why a block is as it is says since when it goes on for another reason", () => {
  const block = {
    start: "2026-11-30T14:00:00Z",
    end: "2026-12-01T00:00:00Z",
    does: "cover_house",
    power_w: -900,
    reason: "keep",
    numbers: {},
    later: [{ start: "2026-11-30T17:00:00Z", reason: "cover_house" }],
  };
  const words = { planReason: (reason: string) => reason };
  const why = whyOf({ ...speaking("en"), words } as unknown as Context, block);
  expect(why[0]).toBe("keep");
  expect(why[1]).toMatch(/17:00: cover_house$/);
  expect(whyOf(speaking("en"), { ...block, reason: null })).toEqual([]);
});

it("what the plan does not know is said in the language of who looks, and nothing where it knows all", () => {
  const german = textsIn(leftOutCard(speaking("de"), [
    { code: "load_missing", subject_id: "", name: "" },
    { code: "production_missing", subject_id: "01", name: "Dach" },
  ]));
  expect(german[0]).toBe("Was der Plan nicht verwenden konnte");
  expect(german[1]).toMatch(/^Der Verbrauch ist nicht/);
  expect(german[2]).toMatch(/^Dach: /);
  expect(leftOutCard(speaking("de"), [])).toBe(nothing);
});
