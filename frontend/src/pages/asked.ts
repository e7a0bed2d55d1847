import { LitElement, type PropertyDeclarations, type PropertyValues } from "lit";
import { type Context, looksAlike } from "../context";

/** After how long what was refused is asked for again. */
const AGAIN_MS = 5_000;

/** How long a document is shown before it is asked for anew: what is counted comes by quarters of an hour. */
const NEW_MS = 900_000;

/** A page of a document that is asked for when the site is fresh, each quarter of an hour, and while it is refused. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- pages read their document by it
export abstract class AskedPage<T> extends LitElement {
  static override properties: PropertyDeclarations = {
    context: { attribute: false },
    document: { state: true },
    refused: { state: true },
  };
  declare context: Context;
  declare document: T | undefined;
  declare refused: string | undefined;

  /** Counts what was asked for, so that a late answer to an older question is known. */
  #asked = 0;
  #wasFresh = false;
  #askedMs = performance.now();
  #again: ReturnType<typeof setTimeout> | undefined;

  /** What is asked for now. */
  protected abstract question(): Record<string, unknown>;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#again);
  }

  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    return this.#isOld || changed.size > 1 || !changed.has("context") || !looksAlike(changed.get("context"), this.context);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("context")) return;
    const { isFresh } = this.context;
    if (isFresh && (!this.#wasFresh || this.#isOld)) void this.ask();
    this.#wasFresh = isFresh;
  }

  get #isOld(): boolean {
    return performance.now() - this.#askedMs > NEW_MS;
  }

  protected async ask(): Promise<void> {
    clearTimeout(this.#again);
    this.#askedMs = performance.now();
    const turn = ++this.#asked;
    try {
      const document = await this.context.connection.sendMessagePromise<T>(this.question());
      if (turn !== this.#asked) return;
      this.document = document;
      this.refused = undefined;
    } catch (error) {
      if (turn !== this.#asked) return;
      this.refused = this.context.words.refusal(error);
      // After a start the home's figures come later than the home itself.
      if (this.isConnected) this.#again = setTimeout(() => void this.ask(), AGAIN_MS);
    }
  }
}
