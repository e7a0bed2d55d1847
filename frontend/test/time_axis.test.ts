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

/** An axis of two days of which the second half of the first is looked at, and what its element hears. */
function shown() {
  const axis = new TimeAxis({ addController: () => undefined, requestUpdate: () => undefined } as unknown as LitElement);
  axis.take(Array.from({ length: 49 }, (_, hour) => hour * 3600), 12);
  axis.range = { from: 12 * 3600, to: 24 * 3600 };
  const hours = (): [number, number] => [(axis.range?.from ?? 0) / 3600, (axis.range?.to ?? 0) / 3600];
  const event = (changes: object): never =>
    ({ pointerId: 1, pointerType: "touch", buttons: 1, preventDefault: () => undefined, target: { closest: () => null }, currentTarget: { getBoundingClientRect: () => BOX }, ...changes }) as never;
  return { axis, hours, event };
}

it("what is dragged goes with the finger: to the left to see what is later", () => {
  const { axis, hours, event } = shown();
  axis.touch(event({ clientX: 352 }));
  axis.drag(event({ clientX: 352 - 100 }));
  expect(hours()).toEqual([15, 27]);
});

it("two fingers that part show less time", () => {
  const { axis, hours, event } = shown();
  axis.touch(event({ clientX: 302 }));
  axis.touch(event({ pointerId: 2, clientX: 402 }));
  axis.drag(event({ pointerId: 2, clientX: 502 }));
  const [from, to] = hours();
  expect(to - from).toBeCloseTo(6);
});

it.each([
  [{ ctrlKey: true, deltaY: 1 }, 14.4],
  [{ ctrlKey: true, deltaY: -1 }, 10],
  [{ deltaY: 1 }, 12],
])("the wheel with Ctrl shows more or less time, and without it is left to the page: %o", (changes, length) => {
  const { axis, hours, event } = shown();
  axis.wheel(event({ ctrlKey: false, metaKey: false, shiftKey: false, deltaX: 0, clientX: 352, ...changes }));
  const [from, to] = hours();
  expect(to - from).toBeCloseTo(length);
});

it("what is looked at stays so when another plan comes", () => {
  const { axis, hours } = shown();
  axis.take(Array.from({ length: 49 }, (_, hour) => (hour + 1) * 3600), 12);
  expect(hours()).toEqual([12, 24]);
});

it.each([
  ["ArrowRight", false, 13, [12, 24]],
  ["ArrowRight", true, 20, [12, 24]],
  ["ArrowLeft", false, 11, [5, 17]],
  ["ArrowLeft", true, 4, [0, 12]],
  ["Home", false, 0, [0, 12]],
  ["End", false, 47, [36, 48]],
])("%s (with Shift: %s) reads another step, and shows it", (key, shiftKey, hour, range) => {
  const { axis, hours, event } = shown();
  axis.at = 12 * 3600;
  axis.key(event({ key, shiftKey }));
  expect([axis.read / 3600, hours()]).toEqual([hour, range]);
});

it("a tap reads the moment that is touched, and a finger that is lifted leaves it to be read", () => {
  const { axis, hours, event } = shown();
  axis.touch(event({ clientX: 352 }));
  axis.drag(event({ clientX: 354 }));
  axis.release(event({ type: "pointerup", clientX: 354 }));
  axis.release(event({ type: "pointerleave", clientX: 354 }));
  expect(axis.at).toBeCloseTo((12 + 6) * 3600, -3);
  axis.show(24);
  expect(axis.at).toBeUndefined();
  expect(hours()).toEqual([0, 24]);
});

it.each([
  ["that drags", [{ clientX: 300 }]],
  ["of two", [{ pointerId: 2, clientX: 402 }]],
])("a finger %s taps nothing", (_name, others) => {
  const { axis, event } = shown();
  axis.touch(event({ clientX: 352 }));
  for (const other of others) {
    if ("pointerId" in other) axis.touch(event(other));
    else axis.drag(event(other));
  }
  axis.release(event({ type: "pointerup", clientX: 352 }));
  expect(axis.at).toBeUndefined();
});

it("a mouse that leaves reads now again", () => {
  const { axis, event } = shown();
  axis.drag(event({ pointerType: "mouse", buttons: 0, clientX: 352 }));
  axis.release(event({ type: "pointerleave", pointerType: "mouse" }));
  expect(axis.at).toBeUndefined();
});
