import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Watch } from "../src/data/watch";
import { FakeConnection } from "./fake_connection";

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

  it("tells a user who may see nothing so, and goes on once that is another", async () => {
    connection.drop();
    connection.refuses = "unauthorized";
    connection.comeBack();
    await vi.advanceTimersByTimeAsync(0);
    expect(watch.state).toBe("forbidden");
    connection.refuses = undefined;
    await vi.advanceTimersByTimeAsync(15_000);
    connection.say("running", { home: "Seen" });
    expect(watch.state).toBe("running");
  });

  it("waits longer each time it is not known, up to a quarter of a minute", async () => {
    const subscribe = vi.spyOn(connection, "subscribeMessage");
    connection.drop();
    connection.knowsCommand = false;
    connection.comeBack();
    const tries: number[] = [];
    for (let second = 0; second < 61; second++) {
      await vi.advanceTimersByTimeAsync(second ? 1_000 : 0);
      if (subscribe.mock.calls.length > tries.length) tries.push(second);
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 30, 45, 60]);
  });

  it("subscribes anew where a connection that seems to be there brings nothing", async () => {
    connection.say("running", { home: "One" });
    for (let second = 0; second < 120; second += 10) {
      await vi.advanceTimersByTimeAsync(10_000);
      connection.say("running");
    }
    expect(connection.subscriptions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(31_000);
    expect([connection.subscriptions.length, connection.ended]).toEqual([2, 1]);
    connection.say("running", { home: "Two" });
    expect([watch.body, Math.round(watch.silentS)]).toEqual([{ home: "Two" }, 0]);
  });

  it("waits for a connection that is gone, and does not ask it", async () => {
    connection.drop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(connection.subscriptions).toHaveLength(1);
  });

  it("tells how long nothing was heard", async () => {
    connection.say("running", { home: "One" });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(watch.silentS).toBeCloseTo(20);
  });

  it("renews itself, and leaves that to nobody who would try but once", async () => {
    const subscribe = vi.spyOn(connection, "subscribeMessage");
    connection.drop();
    connection.comeBack();
    await vi.advanceTimersByTimeAsync(0);
    expect(subscribe).toHaveBeenCalledWith(expect.anything(), { type: "home_flex/watch", topic: "now" }, { resubscribe: false });
  });

  it("ends a subscription that is answered only after it was left", async () => {
    let answer: (() => void) | undefined;
    const late = new Promise<void>((resolve) => (answer = resolve));
    const subscribe = connection.subscribeMessage.bind(connection);
    vi.spyOn(connection, "subscribeMessage").mockImplementation((callback) => late.then(() => subscribe(callback)));
    connection.drop();
    connection.comeBack();
    watch.stop();
    answer?.();
    await vi.advanceTimersByTimeAsync(0);
    expect([connection.subscriptions.length, connection.ended]).toEqual([2, 1]);
  });

  it("leaves nothing behind when it ends", async () => {
    watch.stop();
    expect([connection.ended, connection.listening, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });
});
