import { describe, expect, it } from "vitest";
import { digitsOf, spanOf } from "../src/chart/range";

describe("an axis of values", () => {
  it.each([
    [0.1, 0.3, 0, 0.324],
    [-0.1, 0.3, -0.1, 0.324],
    // Where all prices within sight are negative nothing is above them, and none is cut off.
    [-0.3, -0.1, -0.3, 0],
  ])("from %d to %d has nothing on it and shows all of it", (low, high, from, to) => {
    const [bottom, top] = spanOf(low, high);
    expect([bottom, top]).toEqual([from, expect.closeTo(to, 6)]);
  });

  it("of nothing spans something", () => {
    const [bottom, top] = spanOf(0, 0);
    expect(top).toBeGreaterThan(bottom);
  });

  it.each([
    [1000, 0],
    [1, 0],
    [0.5, 1],
    [0.25, 2],
    [0.05, 2],
    [0.005, 3],
    [1e-9, 4],
  ])("whose lines are %d apart is written with %d decimals", (step, digits) => expect(digitsOf(step)).toBe(digits));

  it("writes no two lines alike", () => {
    for (const step of [0.001, 0.002, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5]) {
      const written = [0, 1, 2, 3, 4].map((line) => (line * step).toFixed(digitsOf(step)));
      expect(new Set(written).size, String(step)).toBe(5);
    }
  });
});
