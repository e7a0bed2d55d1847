import type { Connection, Hass } from "./home_assistant";
import { textsFor } from "./language";

const DOMAIN = "component.home_flex";
/** How home-assistant-js-websocket names it. */
const CONNECTION_LOST = 3;
const CATEGORIES = ["common", "config", "entity", "exceptions"] as const;

/** A text by its key, with values in its places; empty where there is none. */
export type Localize = (key: string, values?: Record<string, string>) => string;

/** The texts of the panel: those of the integration's translation files, in the user's language. */
export class Words {
  constructor(private readonly localize: Localize) {}

  static readonly #loads = new WeakMap<Connection, Map<string, Promise<Words>>>();

  /**
   * The texts in the user's language, loaded once for all who ask. They are asked for by the language that they
   * are written in: Home Assistant has none for a region of it, as Austria's German.
   */
  static load({ connection, locale }: Hass): Promise<Words> {
    const loads = Words.#loads.get(connection) ?? new Map<string, Promise<Words>>();
    Words.#loads.set(connection, loads);
    const language = textsFor(locale.language);
    const load = loads.get(language) ?? Words.#load(connection, language);
    loads.set(language, load);
    load.catch(() => loads.delete(language));
    return load;
  }

  static async #load(connection: Connection, language: string): Promise<Words> {
    const asked = CATEGORIES.map((category) =>
      connection.sendMessagePromise<{ resources: Record<string, string> }>({
        type: "frontend/get_translations",
        language,
        category,
        integration: "home_flex",
      }),
    );
    const texts = Object.assign({}, ...(await Promise.all(asked)).map(({ resources }) => resources)) as Record<string, string>;
    return new Words((key, values) => (texts[key] ?? "").replaceAll(/\{(\w+)\}/g, (place, name: string) => values?.[name] ?? place));
  }

  /** A text of the panel: `common.panel_<key>`. */
  t = (key: string, values?: Record<string, string>): string =>
    this.localize(`${DOMAIN}.common.panel_${key}`, values);

  /** What an event asks, as its calendar entry says it. */
  ask(type: string, amount: string): string {
    return this.localize(`${DOMAIN}.common.event_${type}`, { amount });
  }

  decider(who: string): string {
    return this.localize(`${DOMAIN}.entity.sensor.decided_by.state.${who}`) || who;
  }

  /** Why a device does what it does; empty for a reason that has no words. */
  reason(slug: string): string {
    return this.localize(`${DOMAIN}.entity.sensor.decided_by.state_attributes.reason.state.${slug}`);
  }

  /** What a plan cannot keep and what would help, as the sentences of its sensor say it. */
  ofPlan(key: string, values?: Record<string, string>): string {
    return this.localize(`${DOMAIN}.common.${key}`, values) || key;
  }

  /** A programme by its id, as words where that is written as ids are. */
  programme(id: string): string {
    if (!/^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(id)) return id;
    const words = id.replaceAll(/[-_]/g, " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
  }

  /** What is done about the events of a programme. */
  joinRule(rule: string): string {
    return this.localize(`${DOMAIN}.entity.select.programme_rule.state.${rule}`) || rule;
  }

  /** One of what a wish may be, as its entity says it. */
  choice(wish: string, value: string): string {
    return this.localize(`${DOMAIN}.entity.select.${wish}.state.${value}`) || value;
  }

  planned(does: string): string {
    return this.localize(`${DOMAIN}.entity.sensor.planned.state.${does}`) || does;
  }

  planReason(code: string): string {
    return this.localize(`${DOMAIN}.entity.sensor.plan_reason.state.${code}`);
  }

  /** How a number on a nameplate is called. */
  nameplate(role: string): string {
    return this.localize(`${DOMAIN}.config.step.nameplate.data.${role}`) || role;
  }

  /** Why something was refused, as the server names it, or that it did not get there. */
  refusal(error: unknown): string {
    // The connection's library wraps what it says itself, unless nothing could even be asked.
    const told = (error as { error?: unknown } | null)?.error ?? error;
    const { code, translation_key: key, message } = (told ?? {}) as Record<string, unknown>;
    if (told === CONNECTION_LOST || code === CONNECTION_LOST) return this.t("state_offline");
    // Home Assistant's own word for it comes without one of ours.
    if (code === "unauthorized") return this.t("only_look");
    const said = typeof key === "string" && this.localize(`${DOMAIN}.exceptions.${key}.message`);
    return said || (typeof message === "string" ? message : String(told));
  }
}
