import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Context } from "../src/context";
import { Words } from "../src/data/words";
import { AskedPage } from "../src/pages/asked";
import { FakeConnection } from "./fake_connection";

class Page extends AskedPage<{ told: number }> {
  protected override question(): Record<string, unknown> {
    return { type: "home_flex/asked" };
  }

  /** What Lit does when the panel hands another context down. */
  hand(context: Context): void {
    this.context = context;
    this.willUpdate(new Map([["context", undefined]]) as never);
  }
}
customElements.define("test-asked", Page);

describe("a page of what is asked for", () => {
  let connection: FakeConnection;
  let page: Page;
  const handed = async (isFresh: boolean): Promise<number> => {
    page.hand({ connection, isFresh, words: new Words((key) => key) } as unknown as Context);
    await vi.advanceTimersByTimeAsync(0);
    return connection.asked.length;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    connection = new FakeConnection();
    connection.answers["home_flex/asked"] = { told: 1 };
    page = new Page();
    return () => vi.useRealTimers();
  });

  it("asks once the home is fresh, and again when that is so again", async () => {
    expect(await handed(false)).toBe(0);
    expect([await handed(true), page.document]).toEqual([1, { told: 1 }]);
    expect(await handed(true)).toBe(1);
    await handed(false);
    expect(await handed(true)).toBe(2);
  });

  it("asks anew each quarter of an hour", async () => {
    await handed(true);
    await vi.advanceTimersByTimeAsync(899_000);
    expect(await handed(true)).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await handed(true)).toBe(2);
  });

  it("heeds no answer to an older question that comes late", async () => {
    const answers: ((document: { told: number }) => void)[] = [];
    vi.spyOn(connection, "sendMessagePromise").mockImplementation(
      () => new Promise((resolve) => answers.push(resolve)),
    );
    await handed(true);
    await handed(false);
    await handed(true);
    answers[1]?.({ told: 2 });
    answers[0]?.({ told: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect([answers.length, page.document]).toEqual([2, { told: 2 }]);
  });

  it("asks again soon where it was refused, and no more once it is gone", async () => {
    let isThere = true;
    Object.defineProperty(page, "isConnected", { get: () => isThere });
    const { answers } = connection;
    connection.answers = {};
    await handed(true);
    connection.answers = answers;
    await vi.advanceTimersByTimeAsync(5_000);
    expect([page.refused, page.document]).toEqual([undefined, { told: 1 }]);
    connection.answers = {};
    isThere = false;
    await handed(false);
    await handed(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says why it was refused, and shows what it had", async () => {
    await handed(true);
    connection.answers = {};
    await handed(false);
    await handed(true);
    expect([page.refused, page.document]).toEqual(["unknown_command", { told: 1 }]);
  });
});
