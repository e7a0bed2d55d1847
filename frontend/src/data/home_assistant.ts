/** The part of Home Assistant's front end that the panel uses; none of it is a stable API. */

export interface Connection {
  readonly connected: boolean;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the library's own signature
  subscribeMessage<T>(
    callback: (message: T) => void,
    message: Record<string, unknown>,
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void> | void>;
  sendMessagePromise<T>(message: Record<string, unknown>): Promise<T>;
  addEventListener(name: "ready" | "disconnected", callback: () => void): void;
  removeEventListener(name: "ready" | "disconnected", callback: () => void): void;
}

export interface Locale {
  language: string;
  number_format: string;
  time_format: string;
  /** A weekday in English, or that of the language; older versions have none. */
  first_weekday?: string | undefined;
}

export interface Hass {
  connection: Connection;
  locale: Locale;
  config: { time_zone: string; unit_system: { temperature: string } };
  themes: unknown;
}

export interface Route {
  prefix: string;
  path: string;
}
