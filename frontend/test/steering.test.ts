import type { LitElement } from "lit";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { isBusy, type Context, type Deed } from "../src/context";
import { sparedKey, Steering } from "../src/data/steering";
import { FakeConnection } from "./fake_connection";

describe("what a resident decides", () => {
  const done = vi.fn();
  const refused = vi.fn();
  const host = { addController: () => undefined, requestUpdate: () => undefined } as unknown as LitElement;
  let connection: FakeConnection;
  let sent: Record<string, unknown>[];
  let answer: (value?: unknown) => void;
  let refuse: (error: unknown) => void;
  let steering: Steering;

  beforeEach(() => {
    // No page is drawn here: nothing has the focus.
    vi.stubGlobal("document", { activeElement: null });
    vi.stubGlobal("requestAnimationFrame", () => 0);
    done.mockClear();
    refused.mockClear();
    connection = new FakeConnection();
    sent = [];
    connection.sendMessagePromise = <T>(message: Record<string, unknown>) => {
      sent.push(message);
      return new Promise<T>((resolve, reject) => {
        answer = resolve as typeof answer;
        refuse = reject;
      });
    };
    steering = new Steering(host, { connection: () => connection, done, refused });
  });

  const skip: Deed = { does: "skip", target: "e1" };
  const busy = (does: string, target: string) => isBusy({ busy: steering.busy } as Context, does, target);

  it("is sent once until it is answered, however often it is tapped", async () => {
    const first = steering.do(skip);
    await steering.do(skip);
    expect(sent).toEqual([{ type: "home_flex/steer", does: "skip", target: "e1" }]);
    expect([busy("skip", "e1"), busy("join", "e1"), busy("skip", "e2")]).toEqual([true, false, false]);
    answer();
    await first;
    expect([busy("skip", "e1"), done.mock.calls]).toEqual([false, [[skip]]]);
  });

  it("waits for nothing else: another thing is sent beside it", () => {
    void steering.do(skip);
    void steering.do({ does: "keep", target: "battery" });
    expect(sent.map(({ does }) => does)).toEqual(["skip", "keep"]);
  });

  it("can be tried again where it was refused", async () => {
    const error = { message: "no" };
    const first = steering.do(skip);
    refuse(error);
    await first;
    expect([refused.mock.calls, done.mock.calls, busy("skip", "e1")]).toEqual([[[error]], [], false]);
    void steering.do(skip);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ["spare", true],
    ["let_in", false],
  ])("of one device in an event stands as chosen meanwhile: %s", async (does, value) => {
    const doing = steering.do({ does, target: "e1", device_id: "car" });
    expect(sent).toEqual([{ type: "home_flex/spare", event_id: "e1", device_id: "car", value }]);
    expect(steering.clicked.shown(sparedKey("e1", "car"), !value)).toBe(value);
    refuse({});
    await doing;
    expect(steering.clicked.shown(sparedKey("e1", "car"), !value)).toBe(!value);
  });

  it("is not sent without a connection", async () => {
    const alone = new Steering(host, { connection: () => undefined, done, refused });
    await alone.do(skip);
    expect([sent, done.mock.calls]).toEqual([[], []]);
  });
});
