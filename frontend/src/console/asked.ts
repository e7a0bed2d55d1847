import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Context } from "./context";

const TOGETHER_MS = 300;
const EACH_MS = 15_000;

type Host = ReactiveControllerHost & { context: Context };

/** What a page asks the hub for: when it opens, when the feed tells of something of these kinds, and now and then. */
export class Asked<T> implements ReactiveController {
  value: T | undefined;
  error: unknown;
  #stop: (() => void) | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setInterval> | undefined;
  #number = 0;

  constructor(
    private readonly host: Host,
    private readonly ask: (context: Context) => Promise<T>,
    private readonly kinds: readonly string[] = [],
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    void this.refresh();
    this.#again = setInterval(() => this.refreshSoon(), EACH_MS);
    if (!this.kinds.length) return;
    this.#stop = this.host.context.feed.listen(({ type }) => {
      if (type === "lagging" || this.kinds.some((kind) => type.startsWith(kind))) this.refreshSoon();
    });
  }

  hostDisconnected(): void {
    this.#stop?.();
    clearInterval(this.#again);
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  /** Asks once for all that is told within a moment. */
  refreshSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.refresh();
    }, TOGETHER_MS);
  }

  async refresh(): Promise<void> {
    const number = ++this.#number;
    try {
      const value = await this.ask(this.host.context);
      if (number === this.#number) [this.value, this.error] = [value, undefined];
    } catch (error) {
      if (number === this.#number) this.error = error;
    }
    this.host.requestUpdate();
  }
}

/** What somebody does on a page: one at a time, and what was refused is said there. */
export class Doing {
  error: unknown;
  isBusy = false;

  constructor(private readonly host: ReactiveControllerHost) {}

  /** Does it; tells whether it was done. */
  async run(deed: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.error = undefined;
    this.host.requestUpdate();
    try {
      await deed();
    } catch (error) {
      this.error = error;
    }
    this.isBusy = false;
    this.host.requestUpdate();
    return this.error === undefined;
  }
}
