import { defineConfig } from "vitest/config";

// Built as an app with a fixed entry: library mode leaves white space in ES modules.
export default defineConfig({
  build: {
    outDir: "../custom_components/home_flex/frontend",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "panel-[hash].js", codeSplitting: false },
    },
  },
  test: { include: ["test/**/*.test.ts"] },
});
