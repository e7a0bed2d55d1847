import { join } from "node:path";
import { defineConfig } from "vite";

// The hub serves it under a policy without inline code: nothing is written into the page itself.
export default defineConfig({
  root: join(import.meta.dirname, "src/console"),
  base: "./",
  build: {
    outDir: join(import.meta.dirname, "../addons/community_hub/community_hub/console/site"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    license: { fileName: "licenses.md" },
  },
});
