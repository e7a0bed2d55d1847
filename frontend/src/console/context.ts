import type { Format } from "../data/format";
import type { Api } from "./api";
import type { Account } from "./documents";
import type { Feed } from "./feed";
import type { Words } from "./words";

/** What every page is given. `rest` is what the address names behind the page. */
export interface Context {
  words: Words;
  format: Format;
  api: Api;
  feed: Feed;
  account: Account;
  rest: readonly string[];
}

export function go(...place: string[]): void {
  location.hash = href(...place);
}

export function href(...place: string[]): string {
  return `#/${place.map(encodeURIComponent).join("/")}`;
}

/** Where the address leads: the page, and what stands behind it. */
export function placeOf(hash: string): [page: string, ...rest: string[]] {
  const [page = "", ...rest] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  return [page, ...rest];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
