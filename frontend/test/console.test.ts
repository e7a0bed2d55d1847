import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { placeOf } from "../src/console/context";
import type { Health, Home } from "../src/console/documents";
import { healthOf } from "../src/console/health";
import { listed } from "../src/console/parts/said";
import { steps } from "../src/console/parts/curve";
import { fill, LANGUAGES, languageOf } from "../src/console/words";

const SOURCE = join(import.meta.dirname, "../src/console");

function texts(language: string): Record<string, string> {
  return JSON.parse(readFileSync(join(SOURCE, "texts", `${language}.json`), "utf8")) as Record<string, string>;
}

function places(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(SOURCE, name), "utf8") }));
const code = files.map(({ text }) => text).join("\n");

test("of the panel it takes what both share, and nothing that knows Home Assistant", () => {
  const taken = files.flatMap(({ name, text }) =>
    [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, from]) => relative(SOURCE, join(SOURCE, dirname(name), from ?? ""))),
  );
  const outside = new Set(taken.filter((each) => each.startsWith("..")));
  expect([...outside].sort()).toEqual([
    "../chart/lane",
    "../chart/range",
    "../chart/width",
    "../data/format",
    "../define",
    "../parts/bars",
    "../parts/figure_style",
    "../style",
  ]);
});

describe("the texts", () => {
  const english = texts("en");

  test.each(LANGUAGES)("in %s are all there, none empty, with the same places to fill", (language) => {
    const told = texts(language);
    expect(Object.keys(told)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(told)) {
      expect(text, key).not.toBe("");
      expect(places(text), key).toEqual(places(english[key] ?? ""));
    }
  });

  test("are all used: by their key, or by a group and what the hub names", () => {
    const groups = [...code.matchAll(/words\.of\("(\w+)"/g)].map(([, group]) => `${group ?? ""}_`);
    const unused = Object.keys(english).filter(
      (key) => !code.includes(`"${key}"`) && !["page_", "problem_", ...groups].some((group) => key.startsWith(group)),
    );
    expect(unused).toEqual([]);
  });
});

test("a text is filled with what it has a place for", () => {
  expect(fill("{homes} of {all}", { homes: 3 })).toBe("3 of {all}");
});

test("the language is the one that was chosen, else the browser's first that there is", () => {
  expect(languageOf(["de-AT"], "nl")).toBe("nl");
  expect(languageOf(["sv", "pt-BR", "en"], null)).toBe("pt");
  expect(languageOf(["sv"], "klingon")).toBe("en");
});

test("an address names a page and what stands behind it", () => {
  expect(placeOf("#/homes/home%201")).toEqual(["homes", "home 1"]);
  expect(placeOf("")).toEqual([""]);
  expect(placeOf("#/homes/%")).toEqual(["homes", "%"]);
});

test("names stand between commas", () => {
  expect(listed(" feeder-1, ,feeder-2 ")).toEqual(["feeder-1", "feeder-2"]);
  expect(listed(undefined)).toEqual([]);
});

test("a curve goes across to each power, and up to its price there", () => {
  const same = (value: number): number => value;
  expect(steps([[2, 1], [5, 3]], same, same)).toBe("M0 1L2 1L2 3L5 3");
});

describe("a home's health", () => {
  const now = new Date("2026-11-29T12:00:00Z");
  const home = { ven_id: "home-1", name: "One", owner_id: null, feeder: null, postcode: null, leaving_since: null };
  const told = { words: { t: (key: string) => key }, format: { moment: () => "then" } } as unknown as Parameters<typeof healthOf>[2];
  const tone = (last_heard_at: string | null, state = "active"): string => {
    const health: Health = { ven_id: "home-1", last_heard_at, refused_reports: 0, consents_until: null };
    return healthOf({ ...home, state } satisfies Home, health, told, now).tone;
  };

  test.each([
    ["heard a while ago", "2026-11-29T11:30:00Z", "good"],
    ["late", "2026-11-29T11:00:00Z", "doubt"],
    ["silent for hours", "2026-11-29T08:00:00Z", "bad"],
    ["never heard", null, "idle"],
  ])("%s", (_name, heard, expected) => expect(tone(heard)).toBe(expected));

  test("leaving goes before being heard", () => expect(tone("2026-11-29T11:59:00Z", "leaving")).toBe("idle"));
});
