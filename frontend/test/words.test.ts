import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Hass } from "../src/data/home_assistant";
import { Words } from "../src/data/words";
import { FakeConnection } from "./fake_connection";

const SOURCE = join(import.meta.dirname, "../src");
const TEXTS = join(import.meta.dirname, "../../custom_components/home_flex/translations");
const LANGUAGES = ["en", "nl", "de", "fr", "pt"];
const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(SOURCE, name), "utf8") }));
const texts = Object.fromEntries(
  LANGUAGES.map((language) => {
    const common = JSON.parse(readFileSync(join(TEXTS, `${language}.json`), "utf8")).common;
    const panel = Object.entries(common as Record<string, string>).filter(([key]) => key.startsWith("panel_"));
    return [language, Object.fromEntries(panel.map(([key, text]) => [key.slice(6), text]))];
  }),
);
const english = texts["en"] ?? {};

// The console has texts of its own (console.test.ts).
const ofPanel = sources.filter(({ name }) => !name.startsWith("console/"));

/** The keys that the source names, and the beginnings of those that it makes. */
function named(): { whole: Set<string>; begun: Set<string> } {
  const whole = new Set<string>();
  const begun = new Set<string>();
  for (const { text } of ofPanel) {
    // Whatever is a key in quotes may be one: it is the unused ones that are looked for.
    for (const [, key] of text.matchAll(/["'`]([a-z][a-z0-9_]*)["'`]/g)) if (key) whole.add(key);
    for (const [, key] of text.matchAll(/\bt\(\s*`([a-z_]+)\$\{/g)) if (key) begun.add(key);
  }
  return { whole, begun };
}

it("a place of a text that nobody fills is seen, as a fault of ours", async () => {
  const connection = new FakeConnection();
  connection.texts = async () => ({ "component.home_flex.common.panel_one": "{name} of {count}" });
  const words = await Words.load({ connection, locale: { language: "en" } } as unknown as Hass);
  expect(words.t("one", { name: "{count} $& <b>" })).toBe("{count} $& <b> of {count}");
});

it.each([
  ["evening-peak", "Evening peak"],
  ["flexibility", "Flexibility"],
  ["ToU Winter 2026/27", "ToU Winter 2026/27"],
])("a programme is told in words: %s", (id, told) => {
  expect(new Words((key) => key).programme(id)).toBe(told);
});

describe("why something was refused", () => {
  const words = new Words((key) => (key.endsWith("exceptions.no_room.message") ? "No room." : key.includes("state_offline") ? "Away." : key.endsWith("only_look") ? "Look only." : ""));
  it.each([
    ["is told by what the home names", { code: "home_assistant_error", message: "x", translation_key: "no_room" }, "No room."],
    ["is told in the home's words where there are no others", { code: "unknown", message: "Broken" }, "Broken"],
    ["is that who asked may only look", { code: "unauthorized", message: "This user may look, not steer" }, "Look only."],
    ["is that the connection was lost, where nobody answered", { type: "result", success: false, error: { code: 3, message: "Connection lost" } }, "Away."],
    ["is that the connection was lost, where nothing could be asked", 3, "Away."],
  ])("%s", (_, error, said) => expect(words.refusal(error)).toBe(said));
});

describe("texts", () => {
  const connected = (language: string, written: Record<string, Record<string, string>> = {}) => {
    const connection = new FakeConnection();
    const asked: string[] = [];
    connection.texts = async (language, category) => {
      asked.push(`${language} ${category}`);
      const texts = category === "common" ? (written[language] ?? {}) : {};
      return Object.fromEntries(Object.entries(texts).map(([key, text]) => [`component.home_flex.common.panel_${key}`, text]));
    };
    return { asked, hass: { connection, locale: { language } } as unknown as Hass };
  };

  it("are loaded once for all who ask at the same time", async () => {
    const { asked, hass } = connected("nl");
    const [one, other] = await Promise.all([Words.load(hass), Words.load(hass)]);
    expect(one).toBe(other);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it.each([
    ["pt-BR", "Agora"],
    ["pt", "Agora"],
    ["de-AT", "Jetzt"],
    ["fr-CA", "Maintenant"],
    ["nl-BE", "Nu"],
    ["en-GB", "Now"],
    ["fi", "Now"],
    ["pl", "Now"],
  ])("in %s are those of the language, whatever the region, or English: %s", async (language, said) => {
    const { hass } = connected(language, texts);
    expect((await Words.load(hass)).t("page_now")).toBe(said);
  });

  it("have values in their places", async () => {
    const { hass } = connected("en", { en: { kept: "Kept {share} of {all}, {share}" } });
    expect((await Words.load(hass)).t("kept", { share: "3", all: "4" })).toBe("Kept 3 of 4, 3");
    expect((await Words.load(hass)).t("not_there")).toBe("");
  });
});

describe("the panel's texts", () => {
  it("are there for every key that the source asks for", () => {
    const asked = ofPanel.flatMap(({ text }) =>
      [...text.matchAll(/\bt\(\s*"([a-z0-9_]+)"/g)].map(([, key]) => key as string),
    );
    expect(asked.length).toBeGreaterThan(40);
    expect(asked.filter((key) => !(key in english))).toEqual([]);
  });

  it("are all used", () => {
    const { whole, begun } = named();
    const isUsed = (key: string) => whole.has(key) || [...begun].some((start) => key.startsWith(start));
    expect(Object.keys(english).filter((key) => !isUsed(key))).toEqual([]);
  });

  it.each(LANGUAGES)("are there in %s, with the same placeholders", (language) => {
    const places = (text: string | undefined) => [...(text ?? "").matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    expect(Object.keys(texts[language] ?? {})).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(english)) {
      expect(places(texts[language]?.[key]), key).toEqual(places(text));
    }
  });

  it("stand nowhere in the source itself", () => {
    const said = sources.flatMap(({ name, text }) => {
      const templates = [...text.matchAll(/html`([\s\S]*?)`/g)].map(([, template]) => template ?? "");
      return templates.flatMap((template) => {
        const bare = template.replaceAll(/\$\{[\s\S]*?\}/g, "").replaceAll(/<[^>]*>/g, "\n");
        return (bare.match(/^\s*\p{L}{3,}.*$/gmu) ?? [])
          // What is left of a template within a template is code.
          .filter((line) => !/[=(){};?]|^\s*return\b/.test(line))
          .map((line) => `${name}: ${line.trim()}`);
      });
    });
    expect(said).toEqual([]);
  });
});
