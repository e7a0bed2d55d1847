import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Clicked } from "../src/data/clicked";

class Answer {
  readonly promise: Promise<void>;
  give!: () => void;
  refuse!: (error: Error) => void;
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.give = resolve;
      this.refuse = reject;
    });
  }
}

describe("a field that a resident changed", () => {
  const drawn = vi.fn();
  let clicked: Clicked;

  beforeEach(() => {
    vi.useFakeTimers();
    drawn.mockClear();
    clicked = new Clicked({ addController: () => undefined, requestUpdate: drawn });
  });
  afterEach(() => vi.useRealTimers());

  it("stands as chosen until the answer, and as the home tells soon after it", async () => {
    const answer = new Answer();
    const chosen = clicked.choose("a", true, () => answer.promise);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(clicked.shown("a", false)).toBe(true);
    answer.give();
    await chosen;
    expect(clicked.shown("a", false)).toBe(true);
    await vi.advanceTimersByTimeAsync(1_999);
    // The home went there and back between two looks, or another resident took it back: what it tells is the truth.
    expect(clicked.shown("a", false)).toBe(false);
    expect(drawn).toHaveBeenCalledTimes(2);
  });

  it("stands as the home tells at once where it is refused", async () => {
    const answer = new Answer();
    const chosen = clicked.choose("a", true, () => answer.promise);
    answer.refuse(new Error("not now"));
    await expect(chosen).rejects.toThrow("not now");
    expect(clicked.shown("a", false)).toBe(false);
    expect(drawn).toHaveBeenCalledTimes(2);
  });

  it("stands as chosen last, whichever answer comes first", async () => {
    const [first, second] = [new Answer(), new Answer()];
    const one = clicked.choose("a", true, () => first.promise);
    const other = clicked.choose("a", false, () => second.promise);
    first.refuse(new Error("late"));
    await expect(one).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clicked.shown("a", true)).toBe(false);
    second.give();
    await other;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clicked.shown("a", true)).toBe(true);
  });

  it("is none of the others, and is forgotten with its page", async () => {
    const answer = new Answer();
    void clicked.choose("a", true, () => answer.promise);
    expect(clicked.shown("b", false)).toBe(false);
    clicked.hostDisconnected();
    expect(clicked.shown("a", false)).toBe(false);
    answer.give();
    await vi.runAllTimersAsync();
    expect(clicked.shown("a", false)).toBe(false);
  });
});
