/** What happened at the hub. */
export interface Message {
  type: string;
  at: string;
  object: string;
  details: Record<string, unknown>;
}

const TYPES = [
  "invitation.make",
  "invitation.answer",
  "invitation.withdraw",
  "dispatch.make",
  "dispatch.redispatch",
  "dispatch.cancel",
  "dispatch.delivery",
  "settlement.make",
  "settlement.check",
  "request.make",
  "request.withdraw",
  "lagging",
] as const;

type Listener = (message: Message) => void;

/** One stream for all that is on the page; the browser comes back by itself where it broke off. */
export class Feed {
  readonly #listeners = new Set<Listener>();
  #source: EventSource | undefined;

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#source ??= this.#open();
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): EventSource {
    const source = new EventSource("/api/v1/feed");
    for (const type of TYPES) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as Message;
        for (const listener of this.#listeners) listener(message);
      });
    }
    return source;
  }
}
