import type { LitElement, ReactiveController } from "lit";
import type { Context, Deed } from "../context";
import type { Documents, NowDocument, Topic } from "./documents";
import { Format } from "./format";
import type { Hass } from "./home_assistant";
import { mayDo, Steering, type May } from "./steering";
import { type SiteState, Watch } from "./watch";
import { Words } from "./words";

/** What was heard last is old after this. */
const STALE_S = 15;

interface Links {
  /** What is watched beside what is now. */
  topic: () => Topic | undefined;
  done: (deed: Deed) => void;
  refused: (reason: string) => void;
  /** The home is heard again after it was away. */
  back?: () => void;
}

/** What an element of the front end has of the home: what it watches, how fresh that is, the user's words and rights. */
export class HomeLink implements ReactiveController {
  hass: Hass | undefined;
  words: Words | undefined;
  format: Format | undefined;
  /** Whether the clock of the home shows another time than that of the browser. */
  isElsewhere = false;
  may: May = { may_steer: false, may_set_up: false };
  readonly steering: Steering;

  #now: Watch<"now"> | undefined;
  #beside: { topic: Topic; watch: Watch<Topic> } | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;
  #wasAway = false;
  #hasAsked = false;

  constructor(
    private readonly host: LitElement,
    private readonly links: Links,
  ) {
    host.addController(this);
    this.steering = new Steering(host, {
      connection: () => this.hass?.connection,
      done: links.done,
      refused: (error) => links.refused(this.words?.refusal(error) ?? ""),
    });
  }

  /** Takes what Home Assistant sets anew with each change of any state: only what is used is compared. */
  take(hass: Hass): void {
    const before = this.hass;
    this.hass = hass;
    const isToldOtherwise = before?.locale !== hass.locale || before.config !== hass.config;
    if (isToldOtherwise) {
      this.format = Format.of(hass);
      this.isElsewhere = this.format.isElsewhere(new Date());
      void this.#load(hass);
    }
    if (before?.connection !== hass.connection) this.#rewatch();
    if (isToldOtherwise || before.themes !== hass.themes) this.host.requestUpdate();
  }

  hostConnected(): void {
    // Only an age is drawn by the clock, and that a first word is waited for.
    const isDrawn = (): boolean => this.state === "connecting" || this.silentS > STALE_S - 1;
    this.#clock = setInterval(() => isDrawn() && this.host.requestUpdate(), 1_000);
    this.#rewatch();
  }

  hostDisconnected(): void {
    clearInterval(this.#clock);
    this.#stop();
  }

  hostUpdate(): void {
    this.#watchBeside();
  }

  get state(): SiteState {
    return this.#now?.state ?? "connecting";
  }

  get now(): NowDocument | undefined {
    return this.#now?.body;
  }

  /** What was told last of the topic beside. */
  get document(): Documents[Topic] | undefined {
    return this.#beside?.watch.body;
  }

  /** How long nothing was heard of what is now or of the topic beside, in s: a page is as old as the older one. */
  get silentS(): number {
    return Math.max(this.#now?.silentS ?? 0, this.#beside?.watch.silentS ?? 0);
  }

  get isStale(): boolean {
    return this.silentS > STALE_S;
  }

  get isFresh(): boolean {
    return this.state === "running" && !this.isStale;
  }

  /** What the parts are drawn from; undefined before there is a word of the home. */
  context(setUp: Pick<Context, "maySetUp" | "later">): Context | undefined {
    const { hass, words, format, now } = this;
    if (!hass || !words || !format || !now) return undefined;
    return {
      words,
      format,
      connection: hass.connection,
      now,
      maySteer: this.may.may_steer,
      isFresh: this.isFresh,
      busy: this.steering.busy,
      clicked: this.steering.clicked,
      ...setUp,
    };
  }

  #rewatch(): void {
    if (!this.host.isConnected || !this.hass) return;
    this.#stop();
    this.#hasAsked = false;
    this.#now = new Watch(this.hass.connection, "now", () => this.#heard());
    this.#now.start();
    this.host.requestUpdate();
  }

  #watchBeside(): void {
    const topic = this.links.topic();
    if (!this.hass || !this.#now || topic === this.#beside?.topic) return;
    this.#beside?.watch.stop();
    this.#beside = undefined;
    if (topic === undefined || topic === "now") return;
    const watch = new Watch<Topic>(this.hass.connection, topic, () => this.host.requestUpdate());
    this.#beside = { topic, watch };
    watch.start();
  }

  #stop(): void {
    this.#now?.stop();
    this.#beside?.watch.stop();
    this.#now = this.#beside = undefined;
  }

  #heard(): void {
    const isAway = this.state !== "running";
    const isBack = this.#wasAway && !isAway;
    // The first word of all is no return.
    this.#wasAway = isAway && this.now !== undefined;
    if (isBack) {
      this.#hasAsked = false;
      this.links.back?.();
    }
    if (!isAway && !this.#hasAsked) void this.#ask();
    // Without words nothing is shown: what failed is tried again with each word of the home.
    if (!this.words && this.hass) void this.#load(this.hass);
    this.host.requestUpdate();
  }

  /** Asks once for each return of the home what this user may, and again where that fails. */
  async #ask(): Promise<void> {
    const connection = this.hass?.connection;
    if (!connection) return;
    this.#hasAsked = true;
    try {
      this.may = await mayDo(connection);
      this.host.requestUpdate();
    } catch {
      this.#hasAsked = false;
    }
  }

  async #load(hass: Hass): Promise<void> {
    try {
      const words = await Words.load(hass);
      // Another language may have been chosen meanwhile.
      if (this.hass?.locale.language !== hass.locale.language) return;
      this.words = words;
      this.host.requestUpdate();
    } catch {
      // Tried again with the next word of the home.
    }
  }
}
