import { nowMs } from "./clock";
import type { Locale } from "./home_assistant";

const LANGUAGE_OF_NUMBERS: Record<string, string | undefined> = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
};

/** A weekday names a day that is nearer than this. */
const NEAR_MS = 6 * 86_400_000;

/**
 * Numbers, money and times as the user chose them in Home Assistant, whatever the browser prefers.
 *
 * Times are those of the home, wherever somebody looks from: its days begin at its midnight, and a car is ready by its clock.
 */
export class Format {
  readonly #numbers: string | undefined;
  readonly #times: string | undefined;
  readonly #grouping: boolean;
  readonly #hours: Intl.DateTimeFormatOptions;
  readonly #dates = new Map<string, Intl.DateTimeFormat>();
  readonly #amounts = new Map<string, Intl.NumberFormat>();

  /** The zone of the home; none: times are those of the browser. */
  readonly timeZone: string | undefined;

  /** A time zone that the browser does not know, as an old one may not know a new name, is none. */
  constructor(locale: Locale, timeZone: string | undefined) {
    this.timeZone = isKnown(timeZone) ? timeZone : undefined;
    const { language, number_format, time_format } = locale;
    this.#numbers =
      number_format === "system" ? undefined : (LANGUAGE_OF_NUMBERS[number_format] ?? language);
    this.#grouping = number_format !== "none";
    this.#times = time_format === "system" ? undefined : language;
    // Not `hour12`: by that, midnight is 24:00 in one language, and noon 0:00 in another.
    this.#hours = time_format === "12" ? { hourCycle: "h12" } : time_format === "24" ? { hourCycle: "h23" } : {};
  }

  /** Whether the clock of the home shows another time than that of the browser. */
  isElsewhere(now: Date): boolean {
    const shown = (timeZone?: string): string => now.toLocaleString("en", { timeZone });
    return shown(this.timeZone) !== shown();
  }

  number(value: number, digits = 0): string {
    const options = {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: this.#grouping,
    };
    return this.#number(options, value + 0);
  }

  /** A power without its direction: W to ten below a kW, else kW with one decimal. */
  power(watts: number): string {
    const size = Math.abs(watts);
    if (size < 995) return `${this.number(Math.round(size / 10) * 10)}\u00a0W`;
    return `${this.number(size / 1000, 1)}\u00a0kW`;
  }

  energy(wattHours: number): string {
    const size = Math.abs(wattHours);
    if (size < 995) return `${this.number(Math.round(size / 10) * 10)}\u00a0Wh`;
    return `${this.number(size / 1000, 1)}\u00a0kWh`;
  }

  temperature(celsius: number): string {
    return `${this.number(celsius, 1)}\u00a0\u00b0C`;
  }

  /** An energy that counts against something, with its sign where it is below nothing. */
  signedEnergy(wattHours: number): string {
    return `${wattHours < -5 ? "\u2212" : ""}${this.energy(wattHours)}`;
  }

  percent(share: number): string {
    return `${this.number(share * 100)}\u00a0%`;
  }

  /** A share near all of it: with a decimal, and never rounded up to all. */
  percentOf(share: number): string {
    return share < 1 ? `${this.number(Math.min(99.9, share * 100), 1)}\u00a0%` : this.percent(1);
  }

  money(amount: number, currency: string, digits = 2): string {
    const options: Intl.NumberFormatOptions = {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    };
    const told = Math.abs(amount) < 0.5 / 10 ** digits ? 0 : amount;
    // A community names its currency itself.
    return /^[A-Za-z]{3}$/.test(currency) ? this.#number(options, told) : `${this.number(told, digits)}\u00a0${currency}`;
  }

  time(at: Date | string): string {
    return this.#date(at, { hour: "numeric", minute: "2-digit" });
  }

  day(at: Date | string): string {
    return this.#date(at, { weekday: "short", day: "numeric", month: "short" });
  }

  /** A day with its year: 29 Nov 2026. */
  date(at: Date | string): string {
    return this.#date(at, { day: "numeric", month: "short", year: "numeric" });
  }

  longDay(at: Date | string): string {
    return this.#date(at, { weekday: "long", day: "numeric", month: "long" });
  }

  month(at: Date | string): string {
    return this.#date(at, { month: "long", year: "numeric" });
  }

  year(at: Date | string): string {
    return this.#date(at, { year: "numeric" });
  }

  /** One of a period's parts, as short as it is known by: 14:00, Mon, 3, Jan. */
  part(at: Date | string, of: "day" | "week" | "month" | "year"): string {
    if (of === "day") return this.time(at);
    const options: Record<typeof of, Intl.DateTimeFormatOptions> = {
      week: { weekday: "short" },
      month: { day: "numeric" },
      year: { month: "short" },
    };
    return this.#date(at, options[of]);
  }

  /** The time, with the weekday when that is not today, and with the date when that could be another week's. */
  moment(at: Date | string, now: Date = new Date(nowMs())): string {
    if (this.day(at) === this.day(now)) return this.time(at);
    const isNear = Math.abs(new Date(at).getTime() - now.getTime()) < NEAR_MS;
    const day: Intl.DateTimeFormatOptions = isNear ? { weekday: "short" } : { day: "numeric", month: "short" };
    return this.#date(at, { ...day, hour: "numeric", minute: "2-digit" });
  }

  /** A time span: the days once where both ends are on the same day. */
  span(start: string, end: string, now: Date = new Date(nowMs())): string {
    const isOneDay = this.day(start) === this.day(end);
    if (isOneDay && this.time(start) === this.time(end) && start !== end) {
      // The hour that comes twice when the clock is set back.
      return `${this.#zoned(start)}\u2013${this.#zoned(end)}`;
    }
    const first = this.moment(start, now);
    return `${first}\u2013${isOneDay ? this.time(end) : this.moment(end, now)}`;
  }

  #zoned(at: string): string {
    return this.#date(at, { hour: "numeric", minute: "2-digit", timeZoneName: "short" });
  }

  minutes(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds / 60));
    const hours = Math.floor(whole / 60);
    const minutes = whole % 60;
    if (!hours) return `${this.number(minutes)}\u00a0min`;
    return `${this.number(hours)}\u00a0h${minutes ? `\u00a0${this.number(minutes)}\u00a0min` : ""}`;
  }

  #number(options: Intl.NumberFormatOptions, value: number): string {
    const make = (): Intl.NumberFormat => new Intl.NumberFormat(this.#numbers, options);
    return this.#kept(this.#amounts, JSON.stringify(options), make).format(value);
  }

  #date(at: Date | string, options: Intl.DateTimeFormatOptions): string {
    const format = this.#kept(this.#dates, JSON.stringify(options), () => {
      const hours = options.hour ? this.#hours : {};
      return new Intl.DateTimeFormat(this.#times, { ...options, ...hours, timeZone: this.timeZone });
    });
    return format.format(typeof at === "string" ? new Date(at) : at);
  }

  /** A formatter takes longer to make than a whole page to draw: each is made once. */
  #kept<F>(known: Map<string, F>, key: string, make: () => F): F {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  }
}

function isKnown(timeZone: string | undefined): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
