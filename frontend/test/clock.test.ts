import { afterEach, describe, expect, it } from "vitest";
import { heardNow, nowMs } from "../src/data/clock";

const HERE = Date.parse("2026-11-29T18:00:00Z");

describe("the home's clock", () => {
  afterEach(() => heardNow(new Date().toISOString()));

  it("is gone by where this device's is wrong", () => {
    heardNow("2026-11-29T18:10:00+00:00", HERE);
    expect(nowMs() - Date.now()).toBe(600_000);
  });

  it("is this device's where a message was only on its way", () => {
    heardNow("2026-11-29T17:59:59+00:00", HERE);
    expect(nowMs() - Date.now()).toBe(0);
  });

  it("stays what it was where nothing was said of it", () => {
    heardNow("2026-11-29T18:10:00+00:00", HERE);
    heardNow("", HERE);
    expect(nowMs() - Date.now()).toBe(600_000);
  });
});
