import { heardNow } from "./clock";
import type { Connection } from "./home_assistant";
import type { Documents, Topic } from "./documents";

/**
 * How the site is: as its server says, or `offline` without a connection, `connecting` before a word, and `forbidden`
 * for a user who may see nothing of it.
 */
export type SiteState =
  | "connecting"
  | "running"
  | "restarting"
  | "absent"
  | "failed"
  | "disabled"
  | "offline"
  | "forbidden";

interface Message<T extends Topic> {
  state: SiteState;
  now: string;
  revision?: number;
  body?: Documents[T];
}

const RETRIES_S = [1, 2, 4, 8, 15];
/** The server tells each topic at least every 10 s: a subscription that is silent for longer is lost. */
const LOST_S = 30;

/**
 * Watches one topic, whatever happens to the connection and to the server.
 *
 * The library's own renewal tries once: a command that is registered a moment later than the connection is
 * back would leave a panel that looks alive and is not. This one tries until it hears something.
 */
export class Watch<T extends Topic> {
  state: SiteState = "connecting";
  body: Documents[T] | undefined;
  /** When something was last heard, in ms of the clock of `performance.now`. */
  heardMs = performance.now();

  #unsubscribe: (() => Promise<void> | void) | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #lost: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  /** Counts subscriptions, so that what an older one still brings is known. */
  #turn = 0;
  #runs = false;

  constructor(
    private readonly connection: Connection,
    private readonly topic: T,
    private readonly changed: () => void,
  ) {}

  start(): void {
    this.#runs = true;
    this.heardMs = performance.now();
    this.connection.addEventListener("ready", this.#ready);
    this.connection.addEventListener("disconnected", this.#disconnected);
    void this.#subscribe();
  }

  stop(): void {
    this.#runs = false;
    this.connection.removeEventListener("ready", this.#ready);
    this.connection.removeEventListener("disconnected", this.#disconnected);
    this.#end();
  }

  /** How long nothing was heard, in s. */
  get silentS(): number {
    return (performance.now() - this.heardMs) / 1000;
  }

  #ready = (): void => {
    this.#attempt = 0;
    void this.#subscribe();
  };

  #disconnected = (): void => {
    this.#end();
    this.#unsubscribe = undefined;
    this.#set("offline");
  };

  async #subscribe(): Promise<void> {
    this.#end();
    this.#expectWord();
    const turn = ++this.#turn;
    try {
      const unsubscribe = await this.connection.subscribeMessage<Message<T>>(
        (message) => {
          if (turn === this.#turn && this.#runs) this.#heard(message);
        },
        { type: "home_flex/watch", topic: this.topic },
        { resubscribe: false },
      );
      if (turn === this.#turn && this.#runs) this.#unsubscribe = unsubscribe;
      else void unsubscribe();
    } catch (error) {
      if (turn !== this.#turn || !this.#runs) return;
      if ((error as { code?: unknown } | null)?.code === "unauthorized") this.#set("forbidden");
      // The command is not there yet, or the connection went away again.
      this.#tryAgain();
    }
  }

  /** Subscribes anew where nothing comes: a tablet that slept may have a connection that only seems to be there. */
  #expectWord(): void {
    clearTimeout(this.#lost);
    this.#lost = setTimeout(() => void this.#subscribe(), LOST_S * 1000);
  }

  #tryAgain(): void {
    const afterS = RETRIES_S[Math.min(this.#attempt++, RETRIES_S.length - 1)] ?? 15;
    this.#retry = setTimeout(() => void this.#subscribe(), afterS * 1000);
  }

  #heard(message: Message<T>): void {
    this.#attempt = 0;
    this.#expectWord();
    this.heardMs = performance.now();
    heardNow(message.now);
    if (message.body !== undefined) this.body = message.body;
    this.#set(message.state);
  }

  #set(state: SiteState): void {
    this.state = state;
    this.changed();
  }

  #end(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#lost);
    this.#turn++;
    // A connection that is gone has forgotten the subscription by itself.
    if (this.#unsubscribe && this.connection.connected) {
      Promise.resolve(this.#unsubscribe()).catch(() => undefined);
    }
    this.#unsubscribe = undefined;
  }
}
