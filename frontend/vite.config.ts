import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const TEXTS = join(import.meta.dirname, "../custom_components/home_flex/translations");
const LANGUAGES = ["en", "nl", "de", "fr", "pt"];

/** How cards and dashboard are called in the picker, which asks before any text is loaded: by language. */
function names(): Record<string, Record<string, string>> {
  const ofPicker = (language: string): Record<string, string> => {
    const { common } = JSON.parse(readFileSync(join(TEXTS, `${language}.json`), "utf8")) as {
      common: Record<string, string>;
    };
    return Object.fromEntries(Object.entries(common).filter(([key]) => key.startsWith("panel_card_")));
  };
  return Object.fromEntries(LANGUAGES.map((language) => [language, ofPicker(language)]));
}

// Built as an app with fixed entries: library mode leaves white space in ES modules.
export default defineConfig({
  base: "./",
  define: { CARD_NAMES: JSON.stringify(names()) },
  build: {
    outDir: "../custom_components/home_flex/frontend",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      input: { panel: "src/main.ts", cards: "src/cards/stub.ts" },
      preserveEntrySignatures: false,
      output: { entryFileNames: "[name]-[hash].js" },
    },
  },
  test: { include: ["test/**/*.test.ts"] },
});
