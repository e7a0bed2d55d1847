import type { Deed } from "../context";
import type { Connection } from "./home_assistant";

export interface May {
  may_steer: boolean;
  may_set_up: boolean;
}

/** Asks what this user may do. */
export function mayDo(connection: Connection): Promise<May> {
  return connection.sendMessagePromise<May>({ type: "home_flex/about" });
}

/** Does one thing that a resident decides; rejects with why it was refused. */
export function send(connection: Connection, { does, target }: Deed): Promise<unknown> {
  return connection.sendMessagePromise({ type: "home_flex/steer", does, target });
}
