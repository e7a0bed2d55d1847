import type { LitElement, ReactiveController } from "lit";
import { nowMs } from "../data/clock";
import { leaves } from "../data/pointer";
import { stepAt } from "../data/plan";
import { EDGE, GUTTER } from "./lane";
import { moved, type Range, shareOf, within, zoomed } from "./range";

/** A finger that taps moves no further than this. */
const TAP_PX = 8;

/** What part of a plan is shown and which moment is read, by touch, mouse, wheel and keys. Times in s since 1970. */
export class TimeAxis implements ReactiveController {
  /** Where the steps of the plan begin, and the end of the last. */
  bounds: number[] = [];
  range: Range | undefined;
  /** The moment that is read; none: now. */
  at: number | undefined;

  readonly #touches = new Map<number, number>();
  /** A finger that may be tapping: alone, and still where it came down. */
  #tap: { id: number; x: number } | undefined;

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#touches.clear();
    this.#tap = undefined;
  }

  /** All that there is to show. */
  get all(): Range {
    return { from: this.bounds[0] ?? 0, to: this.bounds.at(-1) ?? 1 };
  }

  /** The moment that is read, within the plan. */
  get read(): number {
    return Math.min(Math.max(this.at ?? nowMs() / 1000, this.all.from), this.all.to);
  }

  /** Where in what is shown the cursor is, 0 to 1. */
  get place(): number {
    return this.range ? Math.min(1, Math.max(0, shareOf(this.read, this.range))) : 0;
  }

  /** Takes up another plan: what was shown is shown on, at first so many hours. */
  take(bounds: number[], hours: number): void {
    this.bounds = bounds;
    this.range = within(this.range ?? this.#ahead(hours), this.all);
  }

  show(hours: number): void {
    this.at = undefined;
    this.#become(within(this.#ahead(hours), this.all));
  }

  isShown(hours: number): boolean {
    return this.range !== undefined && Math.abs(this.range.to - this.range.from - hours * 3600) < 60;
  }

  touch = (event: PointerEvent): void => {
    if ((event.target as Element).closest("button")) return;
    this.#touches.set(event.pointerId, event.clientX);
    this.#tap =
      !leaves(event) && this.#touches.size === 1 ? { id: event.pointerId, x: event.clientX } : undefined;
  };

  release = (event: PointerEvent): void => {
    this.#touches.delete(event.pointerId);
    if (event.type === "pointerup" && this.#tap?.id === event.pointerId) this.#pointAt(event);
    this.#tap = undefined;
    if (event.type === "pointerleave" && leaves(event)) this.#point(undefined);
  };

  drag = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const { range } = this;
    if (!range) return;
    const before = this.#touches.get(event.pointerId);
    if (before === undefined || (event.pointerType === "mouse" && event.buttons === 0)) {
      this.#pointAt(event);
      return;
    }
    if (this.#tap && Math.abs(event.clientX - this.#tap.x) > TAP_PX) this.#tap = undefined;
    const others = [...this.#touches].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    const scale = (range.to - range.from) / Math.max(1, box.width - GUTTER - EDGE);
    if (other === undefined) this.#become(moved(range, (before - event.clientX) * scale, this.all));
    else {
      const factor = Math.abs(before - other) / Math.max(20, Math.abs(event.clientX - other));
      this.#become(zoomed(range, factor, this.#secondsAt((other + event.clientX) / 2, box), this.all));
    }
    this.#touches.set(event.pointerId, event.clientX);
  };

  wheel = (event: WheelEvent): void => {
    const { range } = this;
    if (!range || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const by = event.deltaY || event.deltaX;
    this.#become(
      event.shiftKey
        ? moved(range, ((range.to - range.from) / 10) * Math.sign(by), this.all)
        : zoomed(range, by > 0 ? 1.2 : 1 / 1.2, this.#secondsAt(event.clientX, box), this.all),
    );
  };

  /** By steps with the arrows, to the ends with Home and End, nearer and further with plus and minus. */
  key = (event: KeyboardEvent): void => {
    const { range, bounds } = this;
    if (!range) return;
    const step = stepAt(bounds, this.read);
    const steps: Record<string, number> = {
      ArrowRight: step + (event.shiftKey ? 8 : 1),
      ArrowLeft: step - (event.shiftKey ? 8 : 1),
      Home: 0,
      End: bounds.length - 2,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      const next = bounds[Math.min(Math.max(to, 0), bounds.length - 2)] ?? this.read;
      this.#point(next);
      if (next < range.from || next >= range.to) {
        this.#become(moved(range, next - (range.from + range.to) / 2, this.all));
      }
    } else if (event.key === "+" || event.key === "-") {
      this.#become(zoomed(range, event.key === "+" ? 0.5 : 2, this.read, this.all));
    } else return;
    event.preventDefault();
  };

  #ahead(hours: number): Range {
    return { from: this.all.from, to: this.all.from + hours * 3600 };
  }

  #secondsAt(x: number, box: DOMRect): number {
    const { range } = this;
    if (!range) return 0;
    const share = (x - box.left - GUTTER) / Math.max(1, box.width - GUTTER - EDGE);
    return range.from + share * (range.to - range.from);
  }

  #pointAt(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    this.#point(Math.min(Math.max(this.#secondsAt(event.clientX, box), this.all.from), this.all.to));
  }

  #become(range: Range): void {
    this.range = range;
    this.host.requestUpdate();
  }

  #point(at: number | undefined): void {
    this.at = at;
    this.host.requestUpdate();
  }
}
