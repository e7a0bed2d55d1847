import type en from "./texts/en.json";
import { Refused } from "./api";

export type Key = keyof typeof en;
export const LANGUAGES = ["en", "nl", "de", "fr", "pt"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEPT_AS = "home-flex-language";
const TEXTS = import.meta.glob<Record<Key, string>>("./texts/*.json", { import: "default" });

/** The console's texts in one language: a file each, and no text within the code. */
export class Words {
  constructor(
    readonly language: Language,
    private readonly texts: Readonly<Record<string, string>>,
  ) {}

  static async load(language: Language): Promise<Words> {
    const load = TEXTS[`./texts/${language}.json`];
    return new Words(language, load ? await load() : {});
  }

  /** How dates and numbers are written: as in the browser's own country, where its language is this one. */
  get region(): string {
    return navigator.languages.find((each) => each.startsWith(this.language)) ?? this.language;
  }

  t = (key: Key, values: Record<string, string | number> = {}): string => fill(this.texts[key] ?? key, values);

  /** The word for what the hub names by a word of its own, such as a state; that itself where there is none. */
  of(group: string, name: string): string {
    return this.texts[`${group}_${name}`] ?? name;
  }

  refusal(error: unknown): string {
    if (!(error instanceof Refused)) return String(error);
    return this.texts[`problem_${error.slug}`] ?? error.message;
  }
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The language that was chosen here, else the first of the browser's that there is, else English. */
export function languageOf(wanted: readonly string[], kept: string | null = localStorage.getItem(KEPT_AS)): Language {
  const found = [kept ?? "", ...wanted].map((each) => each.slice(0, 2).toLowerCase());
  return LANGUAGES.find((each) => each === found.find((one) => LANGUAGES.some((known) => known === one))) ?? "en";
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT_AS, language);
}
