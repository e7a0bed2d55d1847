import type { Clicked } from "./data/clicked";
import type { NowDocument } from "./data/documents";
import type { Format } from "./data/format";
import type { Connection } from "./data/home_assistant";
import type { Words } from "./data/words";

/** What every page is given beside its own document. */
export interface Context {
  words: Words;
  format: Format;
  connection: Connection;
  now: NowDocument;
  /** Whether this user may steer, and whether what is shown is fresh enough to steer by. */
  maySteer: boolean;
  isFresh: boolean;
  /** Whether this user may add devices, and which steps of the set-up they left for later. */
  maySetUp: boolean;
  later: ReadonlySet<string>;
  /** What is being done and not answered yet: `does:target`. */
  busy: ReadonlySet<string>;
  /** What was chosen and is not told by the home yet. */
  clicked: Clicked;
}

/** Whether a page that shows nothing of what is now looks the same with either: that is told each second. */
export function looksAlike(one: Context | undefined, other: Context): boolean {
  const seen = ["words", "format", "connection", "maySteer", "isFresh"] as const;
  return one !== undefined && seen.every((name) => one[name] === other[name]);
}

export interface Deed {
  does: string;
  target: string;
  /** The device that is kept out of the event (does: spare), or let into it again (does: let_in). */
  device_id?: string;
  /** What takes it back, offered for a while after it was done, and the words that say it was. */
  undo?: { does: string; said: string };
}

/** Asks the panel to do something that a resident decides. */
export function steer(from: EventTarget, deed: Deed): void {
  from.dispatchEvent(new CustomEvent<Deed>("steer", { detail: deed, bubbles: true, composed: true }));
}

/** Asks the panel to show another page. */
export function go(from: EventTarget, page: string): void {
  from.dispatchEvent(new CustomEvent<string>("go", { detail: page, bubbles: true, composed: true }));
}

export function isBusy(context: Context, does: string, target: string): boolean {
  return context.busy.has(`${does}:${target}`);
}

export interface Leaving {
  steps: readonly string[];
  isLater: boolean;
}

/** Leaves steps of the set-up for later, or takes them up again. */
export function leave(from: EventTarget, leaving: Leaving): void {
  from.dispatchEvent(new CustomEvent<Leaving>("leave", { detail: leaving, bubbles: true, composed: true }));
}
