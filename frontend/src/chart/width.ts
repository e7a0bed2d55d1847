import { css, type LitElement, type ReactiveController } from "lit";

/** How wide an element is laid out, in whole px: what is drawn by it is drawn anew when that changes. */
export class Width implements ReactiveController {
  /** 0 until the element has a place. */
  px = 0;

  readonly #resize = new ResizeObserver(() => {
    const px = Math.floor(this.host.clientWidth);
    if (px === this.px) return;
    this.px = px;
    this.host.requestUpdate();
  });

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#resize.observe(this.host);
  }

  hostDisconnected(): void {
    this.#resize.disconnect();
    // Where it is put next is looked at anew.
    this.px = 0;
  }
}

/** For what is drawn by its width: what was drawn wide must not keep a screen wide that was turned. */
export const drawnByWidth = css`
  :host {
    display: block;
    direction: ltr;
    contain: inline-size;
    overflow: hidden;
  }
`;
