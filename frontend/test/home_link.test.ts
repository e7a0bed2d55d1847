import type { LitElement } from "lit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Topic } from "../src/data/documents";
import type { Hass } from "../src/data/home_assistant";
import { HomeLink } from "../src/data/home_link";
import { FakeConnection } from "./fake_connection";

const MAY = { may_steer: false, may_set_up: false };
const SET_UP = { maySetUp: false, later: new Set<string>() };

describe("what an element has of the home", () => {
  const drawn = vi.fn();
  const back = vi.fn();
  const host = {
    addController: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    requestUpdate: drawn,
    isConnected: true,
  } as unknown as LitElement;
  let connection: FakeConnection;
  let areThere: boolean;
  let topic: Topic | undefined;
  let home: HomeLink;

  const textsOf = async (language: string) => {
    if (!areThere) throw new Error("connection lost");
    return { "component.home_flex.common.panel_title": `Title in ${language}` };
  };
  const hass = (language = "en", time_zone = "Europe/Brussels"): Hass => ({
    connection,
    locale: { language, number_format: "language", time_format: "24" },
    config: { time_zone, unit_system: { temperature: "\u00b0C" } },
    themes: {},
  });

  beforeEach(async () => {
    vi.useFakeTimers();
    drawn.mockClear();
    back.mockClear();
    connection = new FakeConnection();
    connection.answers["home_flex/about"] = MAY;
    connection.texts = textsOf;
    areThere = true;
    topic = undefined;
    home = new HomeLink(host, { topic: () => topic, done: () => undefined, refused: () => undefined, back });
    home.hostConnected();
  });
  afterEach(() => {
    home.hostDisconnected();
    vi.useRealTimers();
  });

  async function begin(): Promise<void> {
    home.take(hass());
    await vi.advanceTimersByTimeAsync(0);
    connection.say("running", { home: "One" });
    await vi.advanceTimersByTimeAsync(0);
  }

  it("is drawn by the clock while a first word is waited for, and not once it is heard", async () => {
    home.take(hass());
    await vi.advanceTimersByTimeAsync(0);
    drawn.mockClear();
    await vi.advanceTimersByTimeAsync(4_000);
    expect([home.state, drawn.mock.calls.length]).toEqual(["connecting", 4]);
    connection.say("running", { home: "One" });
    await vi.advanceTimersByTimeAsync(0);
    drawn.mockClear();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(drawn).not.toHaveBeenCalled();
  });

  it("is asked once what a user may, also one who may only look", async () => {
    await begin();
    for (let second = 0; second < 60; second++) connection.say("running", { home: "One" });
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.asked).toEqual(["home_flex/about"]);
    expect(home.context(SET_UP)?.maySteer).toBe(false);
  });

  it("is asked again what a user may where that failed, and when the home is back", async () => {
    connection.answers = {};
    await begin();
    connection.answers["home_flex/about"] = { ...MAY, may_steer: true };
    connection.say("running");
    await vi.advanceTimersByTimeAsync(0);
    expect([connection.asked.length, home.may.may_steer]).toEqual([2, true]);
    connection.say("restarting");
    connection.answers["home_flex/about"] = MAY;
    connection.say("running");
    await vi.advanceTimersByTimeAsync(0);
    expect([connection.asked.length, home.may.may_steer]).toEqual([3, false]);
    expect(back).toHaveBeenCalledTimes(1);
  });

  it("is no return before there was anything", async () => {
    home.take(hass());
    await vi.advanceTimersByTimeAsync(0);
    connection.say("restarting");
    connection.say("running", { home: "One" });
    expect(back).not.toHaveBeenCalled();
  });

  it("has words as soon as they can be had", async () => {
    areThere = false;
    await begin();
    expect(home.context(SET_UP)).toBeUndefined();
    areThere = true;
    connection.say("running");
    await vi.advanceTimersByTimeAsync(0);
    expect(home.context(SET_UP)?.words.t("title")).toBe("Title in en");
  });

  it("heeds no words of a language that was chosen before", async () => {
    let give: (() => void) | undefined;
    const late = new Promise<void>((resolve) => (give = resolve));
    connection.texts = (language) => (language === "de" ? late.then(() => textsOf(language)) : textsOf(language));
    home.take(hass("de"));
    await begin();
    give?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(home.words?.t("title")).toBe("Title in en");
  });

  it("tells times by the home's zone, also when that becomes another", async () => {
    await begin();
    home.take(hass("en", "Asia/Tokyo"));
    expect(home.format?.time("2026-11-29T12:00:00Z")).toBe("21:00");
  });

  it("is stale after a quarter of a minute of silence, and drawn then", async () => {
    await begin();
    await vi.advanceTimersByTimeAsync(14_000);
    drawn.mockClear();
    expect(home.context(SET_UP)?.isFresh).toBe(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(home.context(SET_UP)?.isFresh).toBe(false);
    expect(drawn).toHaveBeenCalled();
    connection.say("running");
    expect(home.isFresh).toBe(true);
  });

  it("is stale where the topic beside is silent, whatever is heard of what is now", async () => {
    topic = "plan";
    await begin();
    const now = connection.subscriptions[0];
    home.hostUpdate();
    await vi.advanceTimersByTimeAsync(0);
    connection.say("running", { plan: null });
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      now?.({ state: "running", now: "" });
    }
    expect([home.isStale, Math.round(home.silentS)]).toEqual([true, 20]);
    connection.say("running");
    expect(home.isFresh).toBe(true);
  });

  it("draws nothing by the clock while it is fresh", async () => {
    await begin();
    drawn.mockClear();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(drawn).not.toHaveBeenCalled();
  });

  it.each(["restarting", "failed", "disabled"] as const)("is not fresh while it is %s", async (state) => {
    await begin();
    connection.say(state);
    expect([home.isFresh, home.state, home.now]).toEqual([false, state, { home: "One" }]);
  });

  it("watches one topic beside, and another instead of it", async () => {
    await begin();
    const told = async (next: Topic | undefined, body: object): Promise<unknown> => {
      topic = next;
      home.hostUpdate();
      await vi.advanceTimersByTimeAsync(0);
      if (next && next !== "now") connection.say("running", body);
      return home.document;
    };
    expect(await told("plan", { plan: null })).toEqual({ plan: null });
    expect(await told("plan", { plan: 1 })).toEqual({ plan: 1 });
    expect(connection.subscriptions).toHaveLength(2);
    expect(await told("events", { open: [] })).toEqual({ open: [] });
    expect(connection.ended).toBe(1);
    expect(await told("now", {})).toBeUndefined();
    expect(connection.ended).toBe(2);
  });

  it("leaves nothing behind when its element goes", async () => {
    topic = "plan";
    await begin();
    home.hostUpdate();
    await vi.advanceTimersByTimeAsync(0);
    home.hostDisconnected();
    expect([connection.ended, connection.listening, vi.getTimerCount()]).toEqual([2, 0, 0]);
  });
});
