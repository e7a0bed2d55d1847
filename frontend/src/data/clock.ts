/** How far the home's clock is ahead of this device's, in ms: a tablet on the wall may be minutes off. */
let aheadMs = 0;

/** Less than this a message may have been on its way. */
const NOTHING_MS = 2_000;

/** Takes note of what the home's clock said in a message that just came. */
export function heardNow(now: string, here: number = Date.now()): void {
  const there = Date.parse(now);
  if (Number.isNaN(there)) return;
  aheadMs = Math.abs(there - here) < NOTHING_MS ? 0 : there - here;
}

/** The time by the home's clock, in ms since 1970. */
export function nowMs(): number {
  return Date.now() + aheadMs;
}
