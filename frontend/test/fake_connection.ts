import type { Connection } from "../src/data/home_assistant";

type Callback = (message: unknown) => void;

/** A connection that drops, comes back, and whose server may not know the command yet, or refuses it. */
export class FakeConnection implements Connection {
  connected = true;
  knowsCommand = true;
  refuses: string | undefined;
  /** What commands are answered with; what is asked of others is refused. */
  answers: Record<string, unknown> = {};
  asked: string[] = [];
  /** What the texts of a category are in a language; none, unless a test says otherwise. */
  texts: (language: string, category: string) => Promise<Record<string, string>> = async () => ({});
  subscriptions: Callback[] = [];
  ended = 0;
  #listeners: Record<string, Set<() => void>> = { ready: new Set(), disconnected: new Set() };

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the library's own signature
  async subscribeMessage<T>(callback: (message: T) => void): Promise<() => void> {
    if (!this.knowsCommand) throw new Error("unknown_command");
    if (this.refuses) throw Object.assign(new Error(this.refuses), { code: this.refuses });
    this.subscriptions.push(callback as Callback);
    return () => {
      this.ended++;
    };
  }
  async sendMessagePromise<T>({ type, language, category }: Record<string, unknown>): Promise<T> {
    if (type === "frontend/get_translations") {
      return { resources: await this.texts(String(language), String(category)) } as T;
    }
    this.asked.push(String(type));
    if (!(String(type) in this.answers)) throw new Error("unknown_command");
    return this.answers[String(type)] as T;
  }
  addEventListener(name: string, callback: () => void): void {
    this.#listeners[name]?.add(callback);
  }
  removeEventListener(name: string, callback: () => void): void {
    this.#listeners[name]?.delete(callback);
  }
  drop(): void {
    this.connected = false;
    this.#fire("disconnected");
  }
  comeBack(): void {
    this.connected = true;
    this.#fire("ready");
  }
  get listening(): number {
    return Object.values(this.#listeners).reduce((sum, each) => sum + each.size, 0);
  }
  say(state: string, body?: unknown): void {
    this.subscriptions.at(-1)?.({ state, now: "", revision: 1, ...(body ? { body } : {}) });
  }
  #fire(name: string): void {
    for (const each of this.#listeners[name] ?? []) each();
  }
}
