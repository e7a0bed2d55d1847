/** The languages that there are texts in beside English. */
const TRANSLATED = ["nl", "de", "fr", "pt"];

/**
 * The language of the texts for who uses Home Assistant in a language: English where there are none in it.
 *
 * All are written from left to right, whatever the user's own is: English that is laid out for Hebrew
 * ends its sentences at the wrong side, and turns `17:30–19:00` round.
 */
export function spokenTo(language: string): string {
  return language.startsWith("en") || TRANSLATED.includes(language) ? language : "en";
}
