import { describe, expect, it } from "vitest";
import type { Context } from "../src/context";
import { Format } from "../src/data/format";
import type { Hass } from "../src/data/home_assistant";
import { CELSIUS, enteredIn, FAHRENHEIT } from "../src/data/thermometer";
import { Words } from "../src/data/words";
import { heatLossCard } from "../src/parts/heat_loss";
import { ends } from "../src/parts/wishes";

const locale = { language: "en", number_format: "language", time_format: "24" };
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("temperatures are told as the home has them", () => {
  it.each([
    ["\u00b0C", 20.5, "20.5 \u00b0C"],
    ["\u00b0F", 20.5, "69 \u00b0F"],
    ["\u00b0F", -40, "-40 \u00b0F"],
  ])("in %s: %d degrees Celsius are %s", (temperature, celsius, said) => {
    const config = { time_zone: "UTC", unit_system: { temperature } };
    expect(plain(Format.of({ locale, config } as unknown as Hass).temperature(celsius))).toBe(said);
  });

  it("and what is set is meant as it is shown", () => {
    for (const shown of [50, 61, 104, 194]) {
      expect(FAHRENHEIT.shown(FAHRENHEIT.celsius(shown))).toBeCloseTo(shown, 9);
    }
  });

  it.each([
    [CELSIUS, [10, 24], [10, 24]],
    [FAHRENHEIT, [10, 24], [50, 75]],
    [FAHRENHEIT, [16, 30], [61, 86]],
    [FAHRENHEIT, [40, 90], [104, 194]],
  ] as const)("%s is set in whole steps within %s", (thermometer, [least, most], shown) => {
    expect(ends(thermometer, [least, most])).toEqual(shown);
  });

  it.each([
    [CELSIUS, "heat_loss_figure 180"],
    [FAHRENHEIT, "heat_loss_figure 100"],
  ])("what a building loses is told for each of their degrees", (thermometer, said) => {
    const words = new Words((key, values) => [key.split("panel_")[1], ...Object.values(values ?? {})].join(" "));
    const context = { words, format: new Format(locale, "UTC", thermometer) } as unknown as Context;
    const card = heatLossCard(context, { w_per_k: 180, half_width_w_per_k: 20 });
    expect(JSON.stringify(card)).toContain(said);
  });
});

describe("a number that is entered", () => {
  it.each([
    ["\u00b0C", FAHRENHEIT, "\u00b0F", 55, 131],
    ["\u00b0C", CELSIUS, "\u00b0C", 55.5, 55.5],
    ["kW", FAHRENHEIT, "kW", 5, 5],
  ])("in %s is shown by the home's thermometer where it is a temperature, in %s", (asked, thermometer, unit, told, shown) => {
    const entered = enteredIn(asked, thermometer);
    expect([entered.unit, entered.shown(told)]).toEqual([unit, shown]);
    expect(entered.meant(entered.shown(told))).toBeCloseTo(told);
  });

  it("is shown to a tenth, as a person writes it", () => {
    expect(enteredIn("\u00b0C", FAHRENHEIT).shown(20.54)).toBe(69);
  });
});
