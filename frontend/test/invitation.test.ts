import { describe, expect, it } from "vitest";
import type { Context } from "../src/context";
import type { Invitation } from "../src/data/documents";
import { Words } from "../src/data/words";
import { answerOf, invitedTo, isOpen } from "../src/parts/invitation_card";

function invitation(changes: Partial<Invitation> = {}): Invitation {
  return {
    invitation_id: "i1",
    program_id: "evening-peak",
    state: "open",
    start: "2026-11-29T17:00:00+00:00",
    end: "2026-11-29T18:00:00+00:00",
    answer_by: "2026-11-29T16:00:00+00:00",
    asked_wh: 1200,
    direction: "less",
    pays: 0.3,
    currency: "EUR",
    answer: null,
    answered_by: null,
    promised_wh: null,
    is_told: false,
    held: null,
    ...changes,
  };
}

const BEFORE = Date.parse("2026-11-29T15:00:00+00:00");
const AFTER = Date.parse("2026-11-29T16:00:00+00:00");
const context = {
  words: new Words((key: string, values?: Record<string, string>) => `${key} ${Object.values(values ?? {}).join()}`),
  format: { energy: (wattHours: number) => `${wattHours} Wh` },
} as unknown as Context;

describe("what is said of an invitation", () => {
  it.each<[string, Partial<Invitation>, number, string]>([
    ["that waits for the resident", {}, BEFORE, "event_asks"],
    ["that the quiet hours hold back", { held: "quiet_hours" }, BEFORE, "held_quiet_hours"],
    ["that nobody answered in time", {}, AFTER, "invitation_over"],
    ["that was taken back", { state: "withdrawn", answer: "yes" }, BEFORE, "invitation_withdrawn"],
    ["that the resident accepted", { answer: "yes", answered_by: "resident" }, AFTER, "invitation_yes"],
    ["that a rule declined", { answer: "no", answered_by: "rule" }, BEFORE, "invitation_rule_no"],
    ["of which a part is promised", { answer: "partly", promised_wh: 600 }, BEFORE, "invitation_partly 600 Wh"],
  ])("%s", (_, changes, nowMs, key) => {
    expect(answerOf(context, invitation(changes), nowMs)).toContain(key);
  });

  it("is open until answers are closed, or it is taken back", () => {
    expect(isOpen(invitation(), BEFORE)).toBe(true);
    expect(isOpen(invitation(), AFTER)).toBe(false);
    expect(isOpen(invitation({ state: "withdrawn" }), BEFORE)).toBe(false);
  });

  it("says which way and how much", () => {
    expect(invitedTo(context, invitation({ direction: "more" }))).toContain("invitation_more 1200 Wh");
  });
});
