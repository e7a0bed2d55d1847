import { describe, expect, it } from "vitest";
import { type Context, looksAlike } from "../src/context";

const context = { words: {}, format: {}, connection: {}, maySteer: true, isFresh: true, now: {} } as unknown as Context;

describe("a page about what was", () => {
  it("is not drawn anew for what is now", () => {
    expect(looksAlike(context, { ...context, now: { home: "Home" } as Context["now"] })).toBe(true);
  });

  it.each([{ isFresh: false }, { maySteer: false }, { connection: {} as Context["connection"] }])("is for %o", (change) => {
    expect(looksAlike(context, { ...context, ...change })).toBe(false);
  });

  it("is drawn the first time", () => expect(looksAlike(undefined, context)).toBe(false));
});
