import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dashboard } from "../src/cards/dashboard";
import { CARDS, type CardName, wrongWith } from "../src/cards/kinds";
import { namesIn } from "../src/cards/names";

const SOURCE = join(import.meta.dirname, "../src/cards");
const NAMES = Object.keys(CARDS) as CardName[];
const t = namesIn("en");

describe("the dashboard", () => {
  const entities = Object.fromEntries(
    [
      { entity_id: "sensor.home_balance", platform: "home_flex", device_id: "home" },
      { entity_id: "sensor.battery_power", platform: "home_flex", device_id: "battery" },
      { entity_id: "sensor.battery_link", platform: "home_flex", device_id: "battery", entity_category: "diagnostic" },
      { entity_id: "number.battery_reserve", platform: "home_flex", device_id: "battery" },
      { entity_id: "sensor.battery_silent", platform: "home_flex", device_id: "battery" },
      { entity_id: "sensor.battery_hidden", platform: "home_flex", device_id: "battery", hidden: true },
      { entity_id: "light.kitchen", platform: "hue", device_id: "lamp" },
    ].map((entity) => [entity.entity_id, entity]),
  );
  const devices = {
    battery: { id: "battery", name: "Cellar battery", name_by_user: "Big battery", via_device_id: "home" },
    home: { id: "home", name: "My home", via_device_id: null },
  };

  const states = Object.fromEntries(
    Object.keys(entities).map((id) => [id, { state: id === "sensor.battery_silent" ? "unknown" : "1" }]),
  );
  const name = { type: "entity" };

  it("begins with what is asked, what is now, and what will be", () => {
    const [home] = dashboard({ entities, devices, states }, t).views;
    expect(home?.sections.map(({ cards }) => cards.map(({ type }) => type))).toEqual([
      ["custom:home-flex-event-card", "custom:home-flex-now-card"],
      ["custom:home-flex-plan-card"],
    ]);
  });

  it("shows the home and then each device, with what a resident looks at", () => {
    const [, shown] = dashboard({ entities, devices, states }, t).views;
    expect(shown?.sections.map(({ cards }) => cards)).toEqual([
      [{ type: "heading", heading: "My home" }, { type: "tile", entity: "sensor.home_balance", name }],
      [
        { type: "heading", heading: "Big battery" },
        { type: "tile", entity: "sensor.battery_power", name },
        { type: "tile", entity: "number.battery_reserve", name },
      ],
    ]);
  });

  it("of a home without entities has views all the same", () => {
    expect(dashboard({ entities: {}, devices: {}, states: {} }, t).views).toHaveLength(2);
  });
});

describe("a card's configuration", () => {
  it.each([
    ["now", { devices: true }, []],
    ["now", { devices: "yes" }, ["devices"]],
    ["plan", { hours: "48", grid_options: { columns: 12 } }, []],
    ["plan", { hours: 24 }, []],
    ["plan", { hours: 7, colour: "red" }, ["hours"]],
    ["now", { card_mod: { style: "ha-card { border: 0 }" }, uix: {}, view_layout: {} }, []],
    ["event", {}, []],
  ] as const)("of %s: %o lacks nothing but %o", (name, config, wrong) => {
    expect(wrongWith(name, { type: `custom:home-flex-${name}-card`, ...config })).toEqual(wrong);
  });
});

describe("what the picker is told", () => {
  it.each(["en", "nl", "de", "fr", "pt"])("is told in %s", (language) => {
    const names = namesIn(language);
    for (const name of NAMES) {
      expect(names(`card_${name}`)).not.toBe(`card_${name}`);
      expect(names(`card_about_${name}`)).not.toBe(`card_about_${name}`);
    }
  });

  it("is told in the language of which it is a dialect, else in English", () => {
    expect(namesIn("pt-BR")("card_now")).toBe(namesIn("pt")("card_now"));
    expect(namesIn("ja")("card_now")).toBe(t("card_now"));
  });

  it("costs no page of Home Assistant what draws the cards", () => {
    const stub = ["stub.ts", "dashboard.ts", "kinds.ts", "names.ts"].map((name) => readFileSync(join(SOURCE, name), "utf8"));
    const imported = stub.flatMap((text) => [...text.matchAll(/^import (?!type).*from "(.*)";$/gm)].map(([, from]) => from));
    expect(new Set(imported)).toEqual(new Set(["./dashboard", "./kinds", "./names"]));
  });
});
