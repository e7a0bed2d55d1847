import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");
const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

describe("a page whose policy lets in nothing but files of its own", () => {
  it("is all there is to read", () => {
    expect(files.length).toBeGreaterThan(80);
  });

  it.each(files)("shows what %s draws", (file) => {
    const source = readFileSync(join(SOURCE, file), "utf8");
    // A style that is set as a property is one; as an attribute it is markup, which a policy may not let in.
    expect(source).not.toMatch(/\sstyle=/);
    // Markup of others, code made of texts, and what is fetched from elsewhere. The names of SVG are no addresses.
    expect(source.replaceAll("http://www.w3.org/", "")).not.toMatch(/unsafeHTML|unsafeSVG|innerHTML|\beval\(|new Function|https?:\/\//);
  });
});
