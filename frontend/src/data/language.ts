/** The languages that there are texts in. */
const WRITTEN = ["en", "nl", "de", "fr", "pt"];

/** The language of the texts for who uses Home Assistant in a language: that of any region of it, else English. */
export function textsFor(language: string): string {
  const base = language.split("-")[0] ?? "";
  return WRITTEN.includes(base) ? base : "en";
}

/**
 * The language that who uses Home Assistant in one is spoken to in, with the ways of its region to write numbers
 * and days; English where there are no texts in it.
 *
 * All are written from left to right, whatever the user's own is: English that is laid out for Hebrew
 * ends its sentences at the wrong side, and turns `17:30–19:00` round.
 */
export function spokenTo(language: string): string {
  const texts = textsFor(language);
  return language === texts || language.startsWith(`${texts}-`) ? language : texts;
}
