import type { Locale } from "./home_assistant";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** ISO 8601: 1 is Monday. Browsers have it as a property or, as the standard has it since, by a method. */
interface WithWeek {
  getWeekInfo?: () => { firstDay: number };
  weekInfo?: { firstDay: number };
}

/** On which day weeks begin for a user: as chosen in Home Assistant, else as in the language; where nobody knows, on Monday. */
export function firstWeekday({ language, first_weekday }: Locale): Weekday {
  return WEEKDAYS.find((each) => each === first_weekday) ?? WEEKDAYS[firstOf(language) - 1] ?? "monday";
}

function firstOf(language: string): number {
  try {
    const of = new Intl.Locale(language) as Intl.Locale & WithWeek;
    return (of.getWeekInfo?.() ?? of.weekInfo)?.firstDay ?? 1;
  } catch {
    return 1;
  }
}
