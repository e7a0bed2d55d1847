import { describe, expect, it } from "vitest";
import { type ForecastRow, verdict } from "../src/data/performance";

const row = (misses_w: number, naive_misses_w: number, is_worse_than_naive = false): ForecastRow => ({
  device_id: null,
  name: "",
  source: "blend",
  quality: { misses_w, naive_misses_w, is_worse_than_naive, bias_w: 0, inside_band: 0.8 },
});

describe("a forecast", () => {
  it.each([
    ["better", row(80, 100)],
    ["alike", row(98, 100)],
    ["alike", row(0, 0)],
    ["worse", row(120, 100, true)],
    ["unknown", { ...row(1, 1), quality: null }],
  ])("is said to be %s than, or as good as, like yesterday", (said, each) => expect(verdict(each)).toBe(said));
});
