import type { LitElement } from "lit";
import { afterEach, expect, it, vi } from "vitest";
import { Room } from "../src/data/room";

afterEach(() => vi.unstubAllGlobals());

it("is drawn anew when there is room for more, or no longer, as long as its element is there", () => {
  const screen = Object.assign(new EventTarget(), { matches: false });
  vi.stubGlobal("matchMedia", () => screen);
  const drawn = vi.fn();
  const room = new Room({ addController: () => undefined, requestUpdate: drawn } as unknown as LitElement);
  const turned = (matches: boolean): boolean => {
    screen.matches = matches;
    screen.dispatchEvent(new Event("change"));
    return room.isThere;
  };
  room.hostConnected();
  expect([turned(true), turned(false), drawn.mock.calls.length]).toEqual([true, false, 2]);
  room.hostDisconnected();
  turned(true);
  expect(drawn).toHaveBeenCalledTimes(2);
});
