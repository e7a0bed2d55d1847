import { css, html, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Flow } from "../data/documents";

/** One stream of power, 0 or more W; null is not known. */
export interface Stream {
  key: "sun" | "battery" | "grid" | "export" | "home" | "car" | "loads" | "inverter" | "unmeasured";
  icon: string;
  watts: number | null;
}

const NOTHING_W = 5;

/** What flows into the home and where it goes: two lists of streams whose sums are the same. */
export function streams(flow: Flow): { from: Stream[]; to: Stream[] } {
  const given = (watts: number | null): number | null => (watts === null ? null : Math.max(0, -watts));
  const taken = (watts: number | null): number | null => (watts === null ? null : Math.max(0, watts));
  const from: Stream[] = [
    { key: "sun", icon: "mdi:white-balance-sunny", watts: given(flow.pv_w) },
    { key: "battery", icon: "mdi:home-battery", watts: given(flow.battery_w) },
    { key: "car", icon: "mdi:car-electric", watts: given(flow.charger_w) },
    { key: "grid", icon: "mdi:transmission-tower", watts: taken(flow.grid_w) },
    // No home gives power by itself: something does that no device tells of.
    { key: "unmeasured", icon: "mdi:help-circle-outline", watts: given(flow.home_w) },
  ];
  const isKnown = (flow.home_w ?? 0) > -NOTHING_W;
  const to: Stream[] = [
    { key: "home", icon: "mdi:home", watts: isKnown ? taken(flow.home_w) : null },
    { key: "loads", icon: "mdi:power-plug", watts: taken(flow.loads_w) },
    { key: "car", icon: "mdi:car-electric", watts: taken(flow.charger_w) },
    { key: "battery", icon: "mdi:home-battery", watts: taken(flow.battery_w) },
    // By night an inverter takes a little.
    { key: "inverter", icon: "mdi:solar-power", watts: taken(flow.pv_w) },
    { key: "export", icon: "mdi:transmission-tower-export", watts: given(flow.grid_w) },
  ];
  const isThere = ({ key, watts }: Stream): boolean =>
    key === "home" || (watts !== null && watts >= NOTHING_W);
  return { from: from.filter(isThere), to: to.filter(isThere) };
}

/** Where power comes from and goes to: a bar each, in proportion, with every stream in words. */
export function flowCard(context: Context): TemplateResult {
  const { words, now } = context;
  if (!now.flow) {
    return html`<section class="card">
      <h2>${words.t("flow")}</h2>
      <p class="quiet">${words.t(now.has_meter ? "flow_unknown" : "flow_no_meter")}</p>
    </section>`;
  }
  const { from, to } = streams(now.flow);
  return html`<section class="card flow">
    ${side(context, words.t("comes_from"), from)} ${side(context, words.t("goes_to"), to)}
  </section>`;
}

function side(context: Context, title: string, of: Stream[]): TemplateResult {
  const { words, format } = context;
  const shown = of.filter((each) => (each.watts ?? 0) >= NOTHING_W);
  return html`<div class="side">
    <h2>${title}</h2>
    <div class="bar" aria-hidden="true">
      ${shown.map(
        ({ key, watts }) => html`<span class=${key} .style=${`flex-grow:${watts ?? 0}`}></span>`,
      )}
    </div>
    <ul>
      ${of.length
        ? of.map(
            ({ key, icon, watts }) => html`<li class=${key}>
              <ha-icon icon=${icon}></ha-icon><span class="grow">${words.t(`stream_${key}`)}</span>
              <span class="number">${watts === null ? words.t("unknown") : format.power(watts)}</span>
            </li>`,
          )
        : html`<li class="quiet">${words.t("stream_nothing")}</li>`}
    </ul>
  </div>`;
}

export const flowStyle = css`
  .flow {
    display: grid;
    gap: 14px;
  }
  .bar {
    display: flex;
    gap: 2px;
    height: 22px;
    border-radius: 8px;
    overflow: hidden;
    background: var(--quiet);
    margin-block-end: 6px;
  }
  .bar > span {
    flex-basis: 4px;
    background: var(--of);
    border-block-end: 4px solid color-mix(in srgb, var(--of) 60%, var(--primary-text-color));
  }
  .flow li {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 34px;
  }
  .flow li ha-icon {
    color: color-mix(in srgb, var(--of) 62%, var(--primary-text-color));
  }
  .flow .number {
    font-size: 1.125rem;
    font-weight: 500;
  }
`;
