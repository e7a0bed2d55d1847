import type { Context } from "./context";
import type { Health, Home } from "./documents";
import type { Tone } from "./parts/said";

/** A home tells its forecast each half-hour: without a word for longer than that something is amiss. */
const LATE_S = 45 * 60;
const SILENT_S = 3 * 3600;

/** How a home is, by what the hub heard of it. */
export function healthOf(
  home: Home,
  health: Health | undefined,
  { words, format }: Pick<Context, "words" | "format">,
  now: Date,
): { tone: Tone; text: string } {
  if (home.state === "leaving") return { tone: "idle", text: words.t("health_leaving") };
  const heard = health?.last_heard_at;
  if (!heard) return { tone: "idle", text: words.t("health_never") };
  const age = (now.getTime() - new Date(heard).getTime()) / 1000;
  if (age < LATE_S) return { tone: "good", text: words.t("health_heard", { time: format.moment(heard, now) }) };
  const text = words.t("health_silent", { time: format.moment(heard, now) });
  return { tone: age < SILENT_S ? "doubt" : "bad", text };
}
