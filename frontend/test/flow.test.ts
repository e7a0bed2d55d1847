import { describe, expect, it } from "vitest";
import { streams } from "../src/parts/flow";

const flow = { grid_w: 0, pv_w: 0, battery_w: 0, charger_w: 0, loads_w: 0, home_w: 0 };
const sum = (of: { watts: number | null }[]) => of.reduce((all, { watts }) => all + (watts ?? 0), 0);

describe("streams", () => {
  it.each([
    { ...flow, grid_w: 1500, home_w: 1500 },
    { ...flow, pv_w: -4000, battery_w: -3800, grid_w: 4000, charger_w: 11_000, home_w: 800 },
    { ...flow, battery_w: -800, home_w: 800 },
    { ...flow, pv_w: 60, grid_w: 560, home_w: 500 },
    { ...flow, pv_w: -6000, grid_w: -3000, battery_w: 2000, home_w: 1000 },
  ])("in and out are the same: %o", (each) => {
    const { from, to } = streams(each);
    expect(sum(from)).toBe(sum(to));
  });

  it("name what no device tells of, where more comes from the home than goes into it", () => {
    const { from, to } = streams({ ...flow, pv_w: -200, grid_w: -300, home_w: -100 });
    expect(from.map(({ key, watts }) => [key, watts])).toEqual([
      ["sun", 200],
      ["unmeasured", 100],
    ]);
    expect(to.map(({ key, watts }) => [key, watts])).toEqual([
      ["home", null],
      ["export", 300],
    ]);
  });

  it("leave out what is nothing, but never the home", () => {
    const { from, to } = streams({ ...flow, grid_w: 3 });
    expect(from).toEqual([]);
    expect(to.map(({ key }) => key)).toEqual(["home"]);
  });

  it("say that the home is not known rather than nothing", () => {
    const { to } = streams({ ...flow, grid_w: 500, home_w: null, pv_w: null });
    expect(to).toEqual([{ key: "home", icon: "mdi:home", watts: null }]);
  });
});
