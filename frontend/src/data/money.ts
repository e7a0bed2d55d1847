/**
 * What a period brought (custom_components/home_flex/panel/money.py).
 *
 * Energies in Wh, money as texts in the home's currency, carbon in g, shares 0 to 1, times as ISO 8601.
 */

export type Grouping = "day" | "week" | "month" | "year";
export const GROUPINGS: Grouping[] = ["day", "week", "month", "year"];

/** Which period an address names, `/home-flex/money/month/2026-11-01`: by itself the month of now. */
export function periodOf(pathname: string): { grouping: Grouping; date: string | undefined } {
  const [grouping, date] = pathname.split("/money/")[1]?.split("/") ?? [];
  return {
    grouping: GROUPINGS.find((each) => each === grouping) ?? "month",
    date: /^\d{4}-\d\d-\d\d$/.test(date ?? "") ? date : undefined,
  };
}

/** An energy with the share of its time of which it is known, and of which it was measured. */
export interface Amount {
  wh: number | null;
  known: number;
  measured: number;
}

export interface Valued<V> {
  amount: V | null;
  known: number;
}

export const FAMILIES = ["import", "export", "production", "charge", "discharge", "load", "direct_consumption"] as const;
export type Family = (typeof FAMILIES)[number];

export interface Account {
  energy: Record<Family, Amount | null>;
  bought: Valued<string>;
  sold: Valued<string>;
  paid: string;
  carbon_g: Valued<number>;
  self_consumption: number | null;
  self_sufficiency: number | null;
}

export interface Part extends Account {
  start: string;
}

export interface DeviceEnergy {
  device_id: string;
  kind: string;
  name: string;
  energy: Record<string, Amount | undefined>;
}

export interface EventRow {
  id: string;
  name: string | null;
  start: string;
  status: string;
  known: string;
  delivered_wh: number | null;
  paid: string | null;
  currency: string | null;
}

export interface MoneyDocument {
  grouping: Grouping;
  date: string;
  start: string;
  end: string;
  /** Up to when it was counted. */
  until: string;
  before: string | null;
  after: string | null;
  currency: string;
  /** With what the peak and fixed fees cost, null where none is paid; they are in what is paid. */
  total: (Account & { peak: string | null; fees: string | null }) | null;
  parts: Part[];
  devices: DeviceEnergy[];
  events: EventRow[];
  earned: string | null;
  otherwise: { course: string; saved: string; days: number }[];
  days: { with_receipt: number; all: number };
}

/** What is drawn of a part: above what came in, below what went out, in Wh. */
export interface Bar {
  start: string;
  up: { key: Source; wh: number }[];
  down: { key: Source; wh: number }[];
}

export type Source = "sun" | "battery" | "grid" | "export";

/** Where energy came from and went to in each part; the sun's is what the home used of it at once. */
export function barsOf(parts: Part[]): Bar[] {
  return parts.map(({ start, energy }) => {
    const of = (family: Family): number => energy[family]?.wh ?? 0;
    const there = (bars: { key: Source; wh: number }[]): { key: Source; wh: number }[] => bars.filter(({ wh }) => wh > 0);
    return {
      start,
      up: there([
        { key: "sun", wh: of("direct_consumption") },
        { key: "battery", wh: of("discharge") },
        { key: "grid", wh: of("import") },
      ]),
      down: there([
        { key: "battery", wh: of("charge") },
        { key: "export", wh: of("export") },
      ]),
    };
  });
}

/** The parts as a table that any program reads: plain numbers, empty where nothing is known. */
export function csvOf(document: MoneyDocument): string {
  const head = [
    "start",
    ...FAMILIES.flatMap((family) => [`${family}_wh`, `${family}_known`]),
    ...["bought", "sold"].flatMap((name) => [`${name}_${document.currency.toLowerCase()}`, `${name}_known`]),
    "carbon_g",
    "carbon_known",
  ];
  const cell = (value: number | string | null | undefined): string => (value == null ? "" : String(value));
  const rows = document.parts.map((part) =>
    [
      part.start,
      ...FAMILIES.flatMap((family) => [part.energy[family]?.wh, part.energy[family]?.known]),
      ...[part.bought, part.sold, part.carbon_g].flatMap(({ amount, known }) => [amount, known]),
    ].map(cell),
  );
  return [head, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

export interface StatementLine {
  event_id: string;
  delivered?: string;
  paid?: string;
}

/**
 * The lines of a community's statement: event, energy in kWh and money, one a line, parted by semicolons or
 * tabs, with a comma or a point before decimals; a first line of titles, without any number, is left out. Null for what is none.
 */
export function statementLines(text: string): StatementLine[] | null {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.split(/[;\t]/).map((cell) => cell.trim()))
    .filter(([first]) => first);
  const isTitle = ([, ...cells]: string[]): boolean => !cells.some((cell) => /\d/.test(cell));
  const told = lines[0] && isTitle(lines[0]) ? lines.slice(1) : lines;
  const rows = told.map(([event_id, delivered, paid]) => {
    const [energy, money] = [delivered, paid].map((cell) => (cell ? cell.replace(",", ".") : undefined));
    const isNumber = (value: string | undefined): boolean => value === undefined || /^-?\d+(\.\d+)?$/.test(value);
    if (!event_id || (energy === undefined && money === undefined) || !isNumber(energy) || !isNumber(money)) return null;
    return {
      event_id,
      ...(energy === undefined ? {} : { delivered: energy }),
      ...(money === undefined ? {} : { paid: money }),
    };
  });
  return rows.length && rows.every((row) => row !== null) ? rows : null;
}

/** One line of a statement beside the home's own receipt; energies in kWh, money, both as texts. */
export interface ComparedLine {
  event_id: string;
  comparison: "agrees" | "differs" | "not_known_here" | "not_in_statement" | "twice";
  delivered: string | null;
  delivered_here: string | null;
  paid: string | null;
  paid_here: string | null;
}
