import type { LitElement, ReactiveController } from "lit";

/** How long after the answer the home may take until it tells of a change: it tells once a second. */
const TOLD_WITHIN_MS = 1_500;

interface Held {
  value: unknown;
  ends?: ReturnType<typeof setTimeout>;
}

/**
 * What a resident chose stands as chosen until the home has answered and told of it; from then on, and where it is
 * refused, a field stands as the home tells.
 */
export class Clicked implements ReactiveController {
  readonly #held = new Map<string, Held>();

  constructor(private readonly host: Pick<LitElement, "addController" | "requestUpdate">) {
    host.addController(this);
  }

  hostDisconnected(): void {
    for (const { ends } of this.#held.values()) clearTimeout(ends);
    this.#held.clear();
  }

  /** What a field shows of which the home tells `told`. */
  shown<T>(key: string, told: T): T {
    const held = this.#held.get(key);
    return held ? (held.value as T) : told;
  }

  /** Shows `value` while it is sent; rejects with why it was refused. */
  async choose(key: string, value: unknown, send: () => Promise<unknown>): Promise<void> {
    clearTimeout(this.#held.get(key)?.ends);
    const held: Held = { value };
    this.#held.set(key, held);
    this.host.requestUpdate();
    try {
      await send();
    } catch (error) {
      this.#release(key, held);
      throw error;
    }
    // What was chosen meanwhile is another choice, and waits for its own answer.
    if (this.#held.get(key) === held) held.ends = setTimeout(() => this.#release(key, held), TOLD_WITHIN_MS);
  }

  #release(key: string, held: Held): void {
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    this.host.requestUpdate();
  }
}
