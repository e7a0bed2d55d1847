import type { Connection } from "./home_assistant";

const KEY = "home_flex_later";

/** Reads which steps of the set-up this user has left for later; Home Assistant keeps it for them. */
export async function readLater(connection: Connection): Promise<ReadonlySet<string>> {
  const answer = await connection.sendMessagePromise<{ value: unknown }>({ type: "frontend/get_user_data", key: KEY });
  return new Set(Array.isArray(answer.value) ? answer.value.filter((step) => typeof step === "string") : []);
}

export async function keepLater(connection: Connection, later: ReadonlySet<string>): Promise<void> {
  await connection.sendMessagePromise({ type: "frontend/set_user_data", key: KEY, value: [...later].sort() });
}

/** The steps with some of them left for later, or taken up again. */
export function withLater(later: ReadonlySet<string>, steps: readonly string[], isLater: boolean): ReadonlySet<string> {
  const kept = new Set(later);
  for (const step of steps) {
    if (isLater) kept.add(step);
    else kept.delete(step);
  }
  return kept;
}
