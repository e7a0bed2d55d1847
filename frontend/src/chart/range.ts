/** A stretch of time that is looked at, in s since 1970. */
export interface Range {
  from: number;
  to: number;
}

const LEAST_S = 3_600;

/** Moves a range into the bounds, and makes it no longer than they are and no shorter than an hour. */
export function within(range: Range, bounds: Range): Range {
  const length = Math.min(Math.max(range.to - range.from, LEAST_S), bounds.to - bounds.from);
  const from = Math.min(Math.max(range.from, bounds.from), bounds.to - length);
  return { from, to: from + length };
}

/** Shows `factor` times as much time; what is at `at` stays where it is. */
export function zoomed(range: Range, factor: number, at: number, bounds: Range): Range {
  const length = Math.min(Math.max((range.to - range.from) * factor, LEAST_S), bounds.to - bounds.from);
  const share = (at - range.from) / (range.to - range.from);
  return within({ from: at - share * length, to: at + (1 - share) * length }, bounds);
}

export function moved(range: Range, by: number, bounds: Range): Range {
  return within({ from: range.from + by, to: range.to + by }, bounds);
}

/** Where a moment is within a range, 0 to 1, also beyond. */
export function shareOf(at: number, range: Range): number {
  return (at - range.from) / (range.to - range.from);
}

/** What an axis of values spans: nothing is always on it, and the largest is a little below its end. */
export function spanOf(low: number, high: number): [number, number] {
  const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
  return [bottom, top > bottom ? top * 1.08 : bottom + 1e-6];
}

const MOST_DIGITS = 4;

/** How many decimals tell apart what is written a step from each other on an axis. */
export function digitsOf(step: number): number {
  for (let digits = 0; digits < MOST_DIGITS; digits++) {
    const steps = step * 10 ** digits;
    if (Math.abs(steps - Math.round(steps)) < 1e-6 && Math.round(steps) > 0) return digits;
  }
  return MOST_DIGITS;
}
