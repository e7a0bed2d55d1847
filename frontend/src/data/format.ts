import { nowMs } from "./clock";
import type { Hass, Locale } from "./home_assistant";
import { spokenTo } from "./language";
import { CELSIUS, FAHRENHEIT, type Thermometer } from "./thermometer";
import { firstWeekday, type Weekday } from "./weekday";

const LANGUAGE_OF_NUMBERS: Record<string, string | undefined> = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
  // A point before decimals, as Home Assistant has it.
  none: "en-US",
};
/** A weekday names a day that is nearer than this. */
const NEAR_MS = 6 * 86_400_000;
/** Currencies of which nobody pays hundredths any more, though ISO 4217 has them still. */
const WITHOUT_COINS = ["HUF"];
/** A price of a kWh is told at least this finely, also where money has no smaller coins. */
export const PRICE_DIGITS = 2;

/**
 * Numbers, money and times as the user chose them in Home Assistant, whatever the browser prefers.
 *
 * Times are those of the home, wherever somebody looks from: its days begin at its midnight, and a car is ready by its clock.
 */
export class Format {
  readonly #numbers: string | undefined;
  readonly #language: string;
  readonly #grouping: boolean;
  readonly #hourCycle: "h12" | "h23";
  readonly #dates = new Map<string, Intl.DateTimeFormat>();
  readonly #amounts = new Map<string, Intl.NumberFormat>();

  /** The zone of the home; none: times are those of the browser. */
  readonly timeZone: string | undefined;
  readonly firstWeekday: Weekday;

  /** A time zone that the browser does not know, as an old one may not know a new name, is none. */
  constructor(
    locale: Locale,
    timeZone: string | undefined,
    readonly thermometer: Thermometer = CELSIUS,
  ) {
    this.timeZone = isKnown(timeZone) ? timeZone : undefined;
    const { language, number_format } = locale;
    this.#numbers =
      number_format === "system" ? undefined : (LANGUAGE_OF_NUMBERS[number_format] ?? language);
    this.#grouping = number_format !== "none";
    this.firstWeekday = firstWeekday(locale);
    // A day in another language than the sentence around it would be no word of that sentence.
    this.#language = spokenTo(language);
    this.#hourCycle = hasTwelveHours(locale) ? "h12" : "h23";
  }

  /** As a user and their home have it. */
  static of({ locale, config }: Hass): Format {
    const { temperature } = config.unit_system;
    return new Format(locale, config.time_zone, temperature === FAHRENHEIT.unit ? FAHRENHEIT : CELSIUS);
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
    return bare(this.#numberFormat(options).format(value + 0));
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

  /** A temperature in degrees Celsius, as the home's thermometers have it. */
  temperature(celsius: number): string {
    const { unit, digits, shown } = this.thermometer;
    return `${this.number(shown(celsius), digits)}\u00a0${unit}`;
  }

  /** An energy that counts against something, with its sign where it is below nothing. */
  signedEnergy(wattHours: number): string {
    return `${wattHours < -5 ? "\u2212" : ""}${this.energy(wattHours)}`;
  }

  percent(share: number, digits = 0): string {
    return `${this.number(share * 100, digits)}\u00a0%`;
  }

  /** A share near all of it: with a decimal, and never rounded up to all. */
  percentOf(share: number): string {
    return share < 1 ? `${this.number(Math.min(99.9, share * 100), 1)}\u00a0%` : this.percent(1);
  }

  /** An amount of money, to its smallest coin; a text is rounded as it stands, as receipts are: half a coin away from nothing. */
  money(amount: number | string, currency: string): string {
    return this.#told(amount, currency, this.#coinDigits(currency));
  }

  /** Whether an amount is less than half of the smallest coin. */
  isNoMoney(amount: number, currency: string): boolean {
    return isNothing(amount, this.#coinDigits(currency));
  }

  /** What a kWh costs: €0.29/kWh; `digits`: at least this many decimals. */
  price(amount: number, currency: string, digits = PRICE_DIGITS): string {
    return `${this.#told(amount, currency, Math.max(digits, this.#coinDigits(currency)))}/kWh`;
  }

  /** The unit of what a kWh costs: €/kWh, kr/kWh. */
  priceUnit(currency: string): string {
    if (!isCurrency(currency)) return `${currency}/kWh`;
    const parts = this.#numberFormat({ style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
    return `${bare(parts.find(({ type }) => type === "currency")?.value ?? currency)}/kWh`;
  }

  time(at: Date | string): string {
    return this.#date(at, { hour: "numeric", minute: "2-digit" });
  }

  /** A time of day, HH:MM, that belongs to no day. */
  clock(time: string): string {
    return this.#date(`1970-01-01T${time}:00Z`, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });
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

  /** A long day with its year: Sunday 29 November 2026. */
  longDate(at: Date | string): string {
    return this.#date(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
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

  /** From when until when on a day; once where that is within a minute, or where it ended before it began. */
  hours(start: string, end: string): string {
    const [from, to] = [this.time(start), this.time(end)];
    return from === to || new Date(end) < new Date(start) ? from : `${from}\u2013${to}`;
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

  #coinDigits(currency: string): number {
    if (!isCurrency(currency)) return PRICE_DIGITS;
    if (WITHOUT_COINS.includes(currency.toUpperCase())) return 0;
    const format = this.#numberFormat({ style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? PRICE_DIGITS;
  }

  #told(amount: number | string, currency: string, digits: number): string {
    const told = isNothing(Number(amount), digits) ? 0 : amount;
    // The home's own currency needs no more than its sign; a community names its currency itself.
    const named = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
    const decimals = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: this.#grouping };
    const number = bare(this.#numberFormat({ ...(isCurrency(currency) ? named : {}), ...decimals }).format(told as number | `${number}`));
    return isCurrency(currency) ? number : `${number}\u00a0${currency}`;
  }

  #numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const make = (): Intl.NumberFormat => new Intl.NumberFormat(this.#numbers, options);
    return this.#kept(this.#amounts, JSON.stringify(options), make);
  }

  #date(at: Date | string, options: Intl.DateTimeFormatOptions): string {
    const format = this.#kept(this.#dates, JSON.stringify(options), () => {
      // As Home Assistant writes it: the clock of 24 hours has two digits, alone and beside a day.
      const digits = this.#hourCycle === "h23" ? ({ hour: "2-digit" } as const) : {};
      const hours = options.hour ? { hourCycle: this.#hourCycle, ...digits } : {};
      return new Intl.DateTimeFormat(this.#language, { timeZone: this.timeZone, ...options, ...hours });
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

function isCurrency(name: string): boolean {
  return /^[A-Za-z]{3}$/.test(name);
}

function isNothing(amount: number, digits: number): boolean {
  return Math.abs(amount) < 0.5 / 10 ** digits;
}

/** A number without marks of a direction: the text around it runs from left to right. */
function bare(number: string): string {
  return number.replaceAll(/[\u200e\u200f\u061c]/g, "");
}

/** Whether a clock has twelve hours: as the user chose, else as their language or their browser has it. */
function hasTwelveHours({ language, time_format }: Locale): boolean {
  if (time_format === "12" || time_format === "24") return time_format === "12";
  const asked = time_format === "system" ? undefined : language;
  return new Intl.DateTimeFormat(asked, { hour: "numeric" }).resolvedOptions().hour12 ?? false;
}
