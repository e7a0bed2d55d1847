import { describe, expect, it } from "vitest";
import { firstWeekday } from "../src/data/weekday";

describe("a week begins", () => {
  it.each([
    ["en", "saturday", "saturday"],
    ["en", "monday", "monday"],
    ["en", "language", "sunday"],
    ["en-GB", "language", "monday"],
    ["de", "language", "monday"],
    ["pt-BR", "language", "sunday"],
    ["de", undefined, "monday"],
    ["de", "someday", "monday"],
    ["no language", "language", "monday"],
  ])("in %s where %s is chosen on %s", (language, first_weekday, said) => {
    expect(firstWeekday({ language, number_format: "language", time_format: "24", first_weekday })).toBe(said);
  });
});
