/** The cards there are: what the picker, the grid and the editor of a dashboard must know before one is drawn. */

export type CardConfig = Record<string, unknown> & { type: string };

interface Option {
  name: string;
  /** Its selector in the editor, as Home Assistant's forms have it. */
  selector: Record<string, unknown>;
  fits: (value: unknown) => boolean;
}

export interface CardKind {
  /** In rows of 50 px, for dashboards without a grid. */
  size: number;
  grid: Record<string, number | "full" | "auto">;
  options: Option[];
}

export const HOURS = ["12", "24", "48"];

export const CARDS: Record<"now" | "plan" | "event", CardKind> = {
  now: {
    size: 6,
    grid: { columns: 12, min_columns: 6, rows: "auto" },
    options: [{ name: "devices", selector: { boolean: {} }, fits: (value) => typeof value === "boolean" }],
  },
  plan: {
    size: 9,
    grid: { columns: "full", min_columns: 9, rows: "auto" },
    options: [
      {
        name: "hours",
        selector: { select: { mode: "dropdown", options: HOURS } },
        fits: (value) => HOURS.includes(String(value)),
      },
    ],
  },
  event: { size: 3, grid: { columns: 12, min_columns: 6, rows: "auto" }, options: [] },
};
export type CardName = keyof typeof CARDS;

/**
 * What is wrong with a configuration: the names of options without a value of theirs.
 *
 * Other names are not the card's: Home Assistant keeps its own beside them, and so do additions that style cards.
 */
export function wrongWith(name: CardName, config: CardConfig): string[] {
  return CARDS[name].options.filter((option) => option.name in config && !option.fits(config[option.name])).map((option) => option.name);
}
