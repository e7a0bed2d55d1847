/** What the hub refused: `slug` for programs, the message for people (RFC 9457). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    detail: string,
  ) {
    super(detail);
  }
}

interface ProblemDocument {
  type?: string;
  detail?: string;
}

export type Query = Record<string, string | number | undefined | readonly string[]>;

const PROBLEM = "urn:home-flex:problem:";
const PATIENCE_MS = 20_000;

/** Asks the hub in the name of who is signed in; `signedOut` is called when nobody is any more. */
export class Api {
  constructor(private readonly signedOut: () => void) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined || value === "") continue;
      for (const each of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) asked.append(name, each);
    }
    const text = asked.toString();
    return this.#ask<T>("GET", text ? `${path}?${text}` : path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#ask<T>("POST", path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>("PUT", path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.#ask("DELETE", path);
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    let answer: Response;
    try {
      answer = await fetch(`/api/v1${path}`, {
        method,
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      });
    } catch {
      throw new Refused(0, "not-reached", "");
    }
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
    const problem = (await answer.json().catch(() => ({}))) as ProblemDocument;
    const slug = (problem.type ?? "").replace(PROBLEM, "");
    if (slug === "not-signed-in") this.signedOut();
    throw new Refused(answer.status, slug, problem.detail ?? answer.statusText);
  }
}
