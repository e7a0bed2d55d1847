import type { LitElement } from "lit";
import { expect, it, vi } from "vitest";

// What draws needs a browser; what is asked here is only where things are.
vi.mock("../src/chart/lane", () => ({ GUTTER: 52, EDGE: 8 }));

const { TimeAxis } = await import("../src/chart/time_axis");

const BOX = { left: 100, width: 460 };
const HOURS = 24;

function pointed(at: number, type = "mouse") {
  const axis = new TimeAxis({ addController: () => undefined, requestUpdate: () => undefined } as unknown as LitElement);
  axis.take(Array.from({ length: HOURS + 1 }, (_, hour) => hour * 3600), HOURS);
  axis.drag({
    pointerId: 1,
    pointerType: type,
    buttons: 0,
    clientX: at,
    currentTarget: { getBoundingClientRect: () => BOX },
  } as unknown as PointerEvent);
  return axis;
}

it.each([
  [152, 0, 0],
  [352, 12, 0.5],
  [552, 24, 1],
  // Beside what is drawn the nearest of it is read.
  [100, 0, 0],
  [600, 24, 1],
])("what is pointed at is what is read, and the cursor stands there: %d px", (px, hour, place) => {
  const axis = pointed(px);
  expect(axis.read).toBe(hour * 3600);
  expect(axis.place).toBeCloseTo(place);
});
