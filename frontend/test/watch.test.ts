import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connection } from "../src/data/home_assistant";
import { Watch } from "../src/data/watch";

type Callback = (message: unknown) => void;

/** A connection that drops, comes back, and whose server may not know the command yet. */
class FakeConnection implements Connection {
  connected = true;
  knowsCommand = true;
  subscriptions: Callback[] = [];
  ended = 0;
  #listeners: Record<string, Set<() => void>> = { ready: new Set(), disconnected: new Set() };

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the library's own signature
  async subscribeMessage<T>(callback: (message: T) => void): Promise<() => void> {
    if (!this.knowsCommand) throw new Error("unknown_command");
    this.subscriptions.push(callback as Callback);
    return () => {
      this.ended++;
    };
  }
  async sendMessagePromise<T>(): Promise<T> {
    throw new Error("nothing is asked here");
  }
  addEventListener(name: string, callback: () => void): void {
    this.#listeners[name]?.add(callback);
  }
  removeEventListener(name: string, callback: () => void): void {
    this.#listeners[name]?.delete(callback);
  }
  drop(): void {
    this.connected = false;
    this.#fire("disconnected");
  }
  comeBack(): void {
    this.connected = true;
    this.#fire("ready");
  }
  get listening(): number {
    return Object.values(this.#listeners).reduce((sum, each) => sum + each.size, 0);
  }
  say(state: string, body?: unknown): void {
    this.subscriptions.at(-1)?.({ state, now: "", revision: 1, ...(body ? { body } : {}) });
  }
  #fire(name: string): void {
    for (const each of this.#listeners[name] ?? []) each();
  }
}

describe("a watched topic", () => {
  let connection: FakeConnection;
  let watch: Watch<"now">;
  let changes: number;

  beforeEach(async () => {
    vi.useFakeTimers();
    connection = new FakeConnection();
    changes = 0;
    watch = new Watch(connection, "now", () => changes++);
    watch.start();
    await vi.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    watch.stop();
    vi.useRealTimers();
  });

  it("keeps the last body while only the heart beats", () => {
    connection.say("running", { home: "One" });
    connection.say("running");
    expect(watch.body).toEqual({ home: "One" });
    expect(changes).toBe(2);
  });

  it("tells that the connection is gone, and goes on when it is back", async () => {
    connection.say("running", { home: "One" });
    connection.drop();
    expect(watch.state).toBe("offline");
    expect(watch.body).toEqual({ home: "One" });
    connection.comeBack();
    await vi.advanceTimersByTimeAsync(0);
    connection.say("running", { home: "Two" });
    expect([watch.state, watch.body]).toEqual(["running", { home: "Two" }]);
  });

  it("tries on until a command that is registered late is there", async () => {
    connection.drop();
    connection.knowsCommand = false;
    connection.comeBack();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(connection.subscriptions).toHaveLength(1);
    connection.knowsCommand = true;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(connection.subscriptions).toHaveLength(2);
    connection.say("running", { home: "Back" });
    expect(watch.state).toBe("running");
  });

  it("heeds nothing that an older subscription still brings", async () => {
    const older = connection.subscriptions[0];
    connection.drop();
    connection.comeBack();
    await vi.advanceTimersByTimeAsync(0);
    connection.say("running", { home: "New" });
    older?.({ state: "running", now: "", body: { home: "Old" } });
    expect(watch.body).toEqual({ home: "New" });
  });

  it("tells how long nothing was heard", async () => {
    connection.say("running", { home: "One" });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(watch.silentS).toBeCloseTo(20);
  });

  it("leaves nothing behind when it ends", async () => {
    watch.stop();
    expect([connection.ended, connection.listening, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });
});
