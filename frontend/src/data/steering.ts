import type { LitElement, ReactiveController } from "lit";
import type { Deed } from "../context";
import { Clicked } from "./clicked";
import { focused, keepNear } from "./focus";
import type { Connection } from "./home_assistant";

export interface May {
  may_steer: boolean;
  may_set_up: boolean;
}

/** Asks what this user may do. */
export function mayDo(connection: Connection): Promise<May> {
  return connection.sendMessagePromise<May>({ type: "home_flex/about" });
}

/** Whether a device is kept out of an event, among all that can be chosen. */
export function sparedKey(event_id: string, device_id: string): string {
  return `spared:${event_id}:${device_id}`;
}

/** Does one thing that a resident decides; rejects with why it was refused. */
function send(connection: Connection, { does, target, device_id }: Deed): Promise<unknown> {
  return connection.sendMessagePromise(
    device_id === undefined
      ? { type: "home_flex/steer", does, target }
      : { type: "home_flex/spare", event_id: target, device_id, value: does === "spare" },
  );
}

interface Steered {
  connection: () => Connection | undefined;
  done: (deed: Deed) => void;
  refused: (error: unknown) => void;
}

/** Does what the parts of an element ask for by `steer`, each thing once at a time. */
export class Steering implements ReactiveController {
  /** What is being done and not answered yet: `does:target`, of a device `does:target:device`. */
  busy: ReadonlySet<string> = new Set();
  readonly clicked: Clicked;

  constructor(
    private readonly host: LitElement,
    private readonly steered: Steered,
  ) {
    host.addController(this);
    this.clicked = new Clicked(host);
  }

  hostConnected(): void {
    this.host.addEventListener("steer", this.#steer as EventListener);
  }

  hostDisconnected(): void {
    this.host.removeEventListener("steer", this.#steer as EventListener);
  }

  #steer = (event: CustomEvent<Deed>): void => {
    void this.do(event.detail);
  };

  async do(deed: Deed): Promise<void> {
    const { does, target, device_id } = deed;
    const key = [does, target, ...(device_id === undefined ? [] : [device_id])].join(":");
    const connection = this.steered.connection();
    if (this.busy.has(key) || !connection) return;
    const held = focused();
    this.#become(new Set([...this.busy, key]));
    try {
      const sent = (): Promise<unknown> => send(connection, deed);
      await (device_id === undefined
        ? sent()
        : this.clicked.choose(sparedKey(target, device_id), does === "spare", sent));
      this.steered.done(deed);
    } catch (error) {
      this.steered.refused(error);
    } finally {
      this.#become(new Set([...this.busy].filter((each) => each !== key)));
      // What is drawn anew is so by the frame after the next.
      requestAnimationFrame(() => requestAnimationFrame(() => keepNear(held)));
    }
  }

  #become(busy: ReadonlySet<string>): void {
    this.busy = busy;
    this.host.requestUpdate();
  }
}
