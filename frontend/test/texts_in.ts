/** The texts that are put into a template, and into those within it, in their order. */
export function textsIn(drawn: unknown): string[] {
  if (typeof drawn === "string") return [drawn];
  if (Array.isArray(drawn)) return drawn.flatMap(textsIn);
  const values = (drawn as { values?: unknown } | null)?.values;
  return Array.isArray(values) ? values.flatMap(textsIn) : [];
}
