import { describe, expect, it } from "vitest";
import type { Context } from "../src/context";
import type { FlexEvent, Worth } from "../src/data/documents";
import { Format } from "../src/data/format";
import { Words } from "../src/data/words";
import { answersTo, eventActions, eventCard, restOf } from "../src/parts/event_card";
import { deliverySaid, outcomeOf } from "../src/pages/events";
import { textsIn } from "./texts_in";

function event(changes: Partial<FlexEvent>): FlexEvent {
  return {
    event_id: "e1",
    name: null,
    source: "aggregator",
    status: "ACCEPTED",
    opted_out: false,
    awaits_answer: false,
    held: null,
    may_skip: true,
    may_join_partly: true,
    is_partly: false,
    start: "2026-11-29T17:00:00+00:00",
    end: "2026-11-29T18:00:00+00:00",
    asks: [],
    has: [],
    reason: null,
    choice: null,
    devices: [],
    delivered: null,
    ...changes,
  };
}

describe("what may be said to an event", () => {
  it.each<[string, Partial<FlexEvent>, string[]]>([
    ["that is joined", {}, ["join_partly", "skip"]],
    ["that is joined partly", { is_partly: true }, ["join", "skip"]],
    ["that is skipped", { opted_out: true }, ["join", "join_partly"]],
    ["that is skipped and was joined partly", { opted_out: true, is_partly: true }, ["join", "join_partly"]],
    ["that waits for a yes", { opted_out: true, awaits_answer: true }, ["join", "join_partly", "skip"]],
    ["that has no half", { may_join_partly: false }, ["skip"]],
    ["that has no half and waits", { may_join_partly: false, opted_out: true, awaits_answer: true }, ["join", "skip"]],
  ])("%s", (_, changes, answers) => {
    expect(answersTo(event(changes))).toEqual(answers);
  });
});

describe("the buttons of an event", () => {
  const words = new Words((key) => key.replace("component.home_flex.common.panel_", ""));
  const context = { words, busy: new Set() } as unknown as Context;

  it.each<[string, Partial<FlexEvent>, string[]]>([
    ["that comes", { may_join_partly: false }, ["do_skip"]],
    ["that runs", { may_join_partly: false, status: "STARTED" }, ["do_skip_rest"]],
    ["that runs and waits for a yes", { may_join_partly: false, status: "STARTED", opted_out: true, awaits_answer: true }, ["do_join", "do_skip"]],
    ["that binds", { may_skip: false }, ["event_binds"]],
  ])("%s", (_, changes, said) => {
    expect(textsIn(eventActions(context, event(changes))).filter((text) => /^(do|event)_/.test(text))).toEqual(said);
  });
});

describe("the card of an event", () => {
  it.each<[string, Partial<FlexEvent>, string]>([
    ["that is joined", {}, "event_in"],
    ["that is joined partly", { is_partly: true }, "event_partly"],
    ["that is skipped", { opted_out: true }, "event_out"],
    ["that waits for a yes", { opted_out: true, awaits_answer: true }, "event_asks"],
    ["that a rule of the house holds", { opted_out: true, awaits_answer: true, held: "away" }, "held_away"],
  ])("%s says so: %o", (_, changes, said) => {
    const words = new Words((key) => key.replace("component.home_flex.common.panel_", ""));
    const format = new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC");
    const card = eventCard({ words, format, busy: new Set() } as unknown as Context, event(changes));
    expect(textsIn(card).filter((text) => /^(event|held)_/.test(text))).toEqual([said]);
  });
});

describe("the rest of an event that runs", () => {
  const context = {
    words: new Words((key) => key),
    format: new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC"),
    now: { currency: "EUR" },
  } as unknown as Context;
  const worth = (changes: Partial<Worth>): Worth => ({
    worth: 0,
    carbon_g: null,
    moved_wh: 0,
    bends_wishes: false,
    is_kept: true,
    ...changes,
  });

  it.each<[string, Partial<Worth>, string]>([
    ["is given up where it pays", { worth: 0.42 }, "rest_costs"],
    ["brings what going on costs", { worth: -0.3 }, "rest_brings"],
    ["costs nothing", {}, "worth_nothing"],
    ["is more carbon where going on is less", { carbon_g: -200 }, "carbon_more"],
  ])("%s", (_, changes, key) => {
    expect(restOf(context, worth(changes))).toContain(key);
  });
});

describe("what an event comes to", () => {
  const context = {
    words: new Words((key, values) => [key.replace("component.home_flex.common.panel_", ""), ...Object.values(values ?? {})].join(" ")),
    format: new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC"),
  } as unknown as Context;

  it.each<[FlexEvent["delivered"], string]>([
    [null, ""],
    [{ energy_wh: 900, less_wh: null, kept_share: null }, "kept_unknown"],
    [{ energy_wh: 900, less_wh: null, kept_share: 0.97 }, "kept 97 %"],
    [{ energy_wh: 900, less_wh: 500, kept_share: 1 }, "kept 100 % · used_less 500 Wh"],
    [{ energy_wh: 900, less_wh: -500, kept_share: 1 }, "kept 100 % · used_more 500 Wh"],
  ])("%o is told as: %s", (delivered, said) => {
    expect(deliverySaid(context, event({ delivered })).replaceAll("\u00a0", " ")).toBe(said);
  });

  it("is that it was skipped, where it was", () => {
    expect([outcomeOf(event({ status: "SUCCEEDED" })), outcomeOf(event({ status: "SUCCEEDED", opted_out: true }))]).toEqual([
      "succeeded",
      "skipped",
    ]);
  });
});
