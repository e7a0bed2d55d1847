import { describe, expect, it } from "vitest";
import { keepLater, readLater, withLater } from "../src/data/later";
import type { Connection } from "../src/data/home_assistant";
import type { FoundDevice } from "../src/data/documents";
import { begun } from "../src/parts/found_devices";

const found = (key: string, more: Partial<FoundDevice> = {}): FoundDevice => ({
  key,
  kind: "battery",
  name: key,
  is_suggested: true,
  consent: null,
  asks: [],
  ...more,
});

describe("the form of what was found", () => {
  it("ticks what is suggested, with the numbers most devices have, and lets nothing be steered", () => {
    const asks = [
      { role: "min_current", unit: "A", most: 125, suggested: 6 },
      { role: "capacity", unit: "kWh", most: 1000, suggested: null },
    ];
    expect(begun([found("one", { asks }), found("other", { is_suggested: false })], {})).toEqual({
      one: { numbers: { min_current: 6 }, controlled: false },
      other: undefined,
    });
  });

  it("keeps what was said when the list is told again, and forgets what is gone", () => {
    const before = { one: undefined, gone: { numbers: {}, controlled: true } };
    expect(begun([found("one")], before)).toEqual({ one: undefined });
  });
});

describe("steps left for later", () => {
  it("are left and taken up again one by one", () => {
    const left = withLater(new Set(["meter"]), ["tariff", "devices"], true);
    expect([...left].sort()).toEqual(["devices", "meter", "tariff"]);
    expect([...withLater(left, ["tariff"], false)].sort()).toEqual(["devices", "meter"]);
  });

  it("are kept for the user by Home Assistant, and read as none where nothing sensible was kept", async () => {
    let kept: unknown = null;
    const connection = {
      sendMessagePromise: async ({ type, value }: { type: string; value?: unknown }) => {
        if (type === "frontend/set_user_data") kept = value;
        return { value: kept };
      },
    } as unknown as Connection;
    expect(await readLater(connection)).toEqual(new Set());
    await keepLater(connection, new Set(["tariff", "meter"]));
    expect(kept).toEqual(["meter", "tariff"]);
    expect(await readLater(connection)).toEqual(new Set(["meter", "tariff"]));
  });
});
