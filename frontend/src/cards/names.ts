/** What the picker of cards and dashboards is told: texts by language, put in when the files are built. */
declare const CARD_NAMES: Record<string, Record<string, string>>;

const NAMES = CARD_NAMES;

export type Names = (key: string) => string;

/** The texts in a language, else in English. */
export function namesIn(language: string): Names {
  const names = NAMES[language] ?? NAMES[language.split("-")[0] ?? ""] ?? NAMES["en"];
  return (key) => names?.[`panel_${key}`] ?? key;
}

/** The texts in the language that Home Assistant shows now. */
export function namesShown(): Names {
  return namesIn(document.documentElement.lang);
}
