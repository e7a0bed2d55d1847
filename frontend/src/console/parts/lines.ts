import type { TemplateResult } from "lit";
import type { Context } from "../context";
import type { Line } from "../documents";
import { state, type Tone } from "./said";

export const LINE_TONES: Record<string, Tone | undefined> = { settled: "good", contradicted: "bad", unknown: "doubt", left: "idle" };

/** What came of reckoning a line again. */
export function checked({ words }: Context, line: Line): TemplateResult {
  if (line.checked === null) return state("idle", words.t("checked_not"));
  return state(line.checked === "right" ? "good" : "bad", words.of("checked", line.checked));
}
