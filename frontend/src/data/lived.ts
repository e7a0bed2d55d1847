/** Today so far (custom_components/home_flex/panel/lived.py): mean powers in W by step; null is not known. */
export interface LivedDocument {
  start: string;
  step_s: number;
  grid: Lived;
  load: Lived;
  sun: Lived;
}

export interface Lived {
  lived_w: (number | null)[];
  expected_w: (number | null)[];
}

/** What was lived and what was expected in Wh, over the steps of which both are known; null without any. */
export function bothWh({ lived_w, expected_w }: Lived, step_s: number): { lived: number; expected: number } | null {
  let [lived, expected, steps] = [0, 0, 0];
  lived_w.forEach((power, step) => {
    const other = expected_w[step];
    if (power === null || other == null) return;
    lived += (power * step_s) / 3600;
    expected += (other * step_s) / 3600;
    steps++;
  });
  return steps ? { lived, expected } : null;
}
