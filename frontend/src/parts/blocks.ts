import { css, html, nothing, type TemplateResult } from "lit";
import { type Range, shareOf } from "../chart/range";
import type { Context } from "../context";
import type { Block, PlanDocument, PlannedDevice } from "../data/documents";
import { iconOf } from "./device_card";

export interface Chosen {
  device: PlannedDevice;
  block: Block;
}

/** Less than this says nothing of what a block does. */
const NOTHING_W = 50;

/** What is done at a moment, with its power where that says something. */
export function momentDoes({ words, format }: Context, does: string, power_w: number): string {
  return Math.abs(power_w) < NOTHING_W ? words.planned(does) : `${words.planned(does)} ${format.power(power_w)}`;
}

/** What a block does, with the power where that says something: its mean, and over how long. */
export function blockDoes({ words, format }: Context, { does, power_w, start, end }: Block): string {
  if (Math.abs(power_w) < NOTHING_W) return words.planned(does);
  const time = format.minutes((Date.parse(end) - Date.parse(start)) / 1000);
  return words.t("block_mean", { does: words.planned(does), power: format.power(power_w), time });
}

/** A block in words, for who points at it or listens. */
export function blockSaid(context: Context, { name }: PlannedDevice, block: Block): string {
  return `${name}, ${blockTime(context, block)}: ${blockDoes(context, block)}`;
}

export function blockTime({ format }: Context, { start, end }: Block): string {
  return format.span(start, end);
}

/** One lane a device: a block is as long as it lasts, and is tapped to be told why. */
export function blockLanes(
  context: Context,
  devices: PlannedDevice[],
  range: Range,
  chosen: Chosen | undefined,
  choose: (chosen: Chosen) => void,
): TemplateResult {
  const isChosen = (device: PlannedDevice, block: Block): boolean =>
    chosen?.device.device_id === device.device_id && chosen.block.start === block.start;
  return html`${devices.map(
    (device) => html`<div class="lane">
      <ha-icon icon=${iconOf(device.kind)}></ha-icon>
      <div class="track" role="group" aria-label=${device.name}>
        ${device.blocks.map((block) => {
          const place = placed(block.start, block.end, range);
          return place
            ? html`<button
                class="block ${block.does}"
                .style=${place}
                aria-pressed=${isChosen(device, block)}
                aria-label=${blockSaid(context, device, block)}
                title=${blockSaid(context, device, block)}
                @click=${() => choose({ device, block })}
              >
                <span>${context.words.planned(block.does)}</span>
              </button>`
            : nothing;
        })}
      </div>
    </div>`,
  )}`;
}

/** The events in the same time, which bind or are skipped. */
export function eventLane(
  { words }: Context,
  events: PlanDocument["events"],
  range: Range,
): TemplateResult | typeof nothing {
  const shown = events
    .map((event) => ({ event, place: placed(event.start, event.end, range) }))
    .filter(({ place }) => place);
  if (!shown.length) return nothing;
  return html`<div class="lane">
    <ha-icon icon="mdi:calendar-clock"></ha-icon>
    <div class="track" role="group" aria-label=${words.t("page_events")}>
      ${shown.map(
        ({ event, place }) => html`<div class="block event ${event.opted_out ? "out" : ""}" .style=${place ?? ""}>
          <span>${event.name ?? words.t("event")}</span>
        </div>`,
      )}
    </div>
  </div>`;
}

/** Where a stretch of time is drawn within a range, as a style; undefined where none of it is. */
export function placed(start: string, end: string, range: Range): string | undefined {
  const from = Math.max(0, shareOf(Date.parse(start) / 1000, range));
  const to = Math.min(1, shareOf(Date.parse(end) / 1000, range));
  return to > from ? `left:${from * 100}%;width:${(to - from) * 100}%` : undefined;
}

export const blocksStyle = css`
  .lane {
    display: flex;
    align-items: center;
    direction: ltr;
    min-height: 40px;
  }
  .lane ha-icon {
    margin: 0 15px;
  }
  .track {
    position: relative;
    flex: 1;
    height: 32px;
    margin-right: 8px;
    border-radius: 6px;
    background: var(--quiet);
    overflow: hidden;
  }
  .block {
    --of: var(--home);
    position: absolute;
    inset-block: 0;
    min-height: 0;
    padding: 0 4px;
    border: 0;
    border-inline-start: 1px solid var(--card-background-color);
    border-radius: 0;
    font-size: 0.75rem;
    font-weight: 400;
    justify-content: flex-start;
    overflow: hidden;
    background: color-mix(in srgb, var(--of) 34%, var(--card-background-color));
    border-block-end: 4px solid color-mix(in srgb, var(--of) 70%, var(--primary-text-color));
  }
  .block:hover:not(:disabled) {
    background: color-mix(in srgb, var(--of) 48%, var(--card-background-color));
  }
  /* Letters of a word say nothing. */
  .block {
    container-type: inline-size;
  }
  @container (max-width: 32px) {
    .block span {
      display: none;
    }
  }
  .block span {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .block[aria-pressed="true"] {
    outline: 2px solid var(--primary-text-color);
    outline-offset: -2px;
  }
  .off,
  .no_sun,
  .hold {
    --of: transparent;
    color: var(--secondary-text-color);
  }
  .off,
  .no_sun,
  .hold {
    background: transparent;
    border-block-end-color: transparent;
  }
  .charge,
  .take,
  .run,
  .start {
    --of: var(--car);
  }
  .give,
  .cover_house {
    --of: var(--battery);
  }
  .produce,
  .surplus {
    --of: var(--sun);
  }
  .curtail {
    --of: var(--loads);
  }
  .block.event {
    display: flex;
    align-items: center;
    padding-inline: 6px;
    --of: var(--primary-color);
  }
  .block.out {
    text-decoration: line-through;
  }
`;
