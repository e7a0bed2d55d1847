import { describe, expect, it } from "vitest";
import { bothWh } from "../src/data/lived";

describe("today so far", () => {
  it("compares the steps of which both are known, and no others", () => {
    const lived = { lived_w: [1000, 2000, null, 500], expected_w: [800, null, 900, 700] };
    expect(bothWh(lived, 900)).toEqual({ lived: 375, expected: 375 });
  });

  it("compares nothing where nothing was expected", () => {
    expect(bothWh({ lived_w: [1000], expected_w: [null] }, 900)).toBeNull();
  });
});
