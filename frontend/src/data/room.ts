import type { LitElement, ReactiveController } from "lit";

/** From which width on, beside Home Assistant's own menu, there is room for more than a page is about. */
const ROOMY = "(min-width: 1100px)";

/** Whether there is room for more than a page is about, as on a desk; what is drawn by it is drawn anew when that changes. */
export class Room implements ReactiveController {
  readonly #width = matchMedia(ROOMY);
  readonly #changed = (): void => this.host.requestUpdate();

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  get isThere(): boolean {
    return this.#width.matches;
  }

  hostConnected(): void {
    this.#width.addEventListener("change", this.#changed);
  }

  hostDisconnected(): void {
    this.#width.removeEventListener("change", this.#changed);
  }
}
