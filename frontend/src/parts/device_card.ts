import { css, html, nothing, type TemplateResult } from "lit";
import { type Context, isBusy, steer } from "../context";
import type { NowDevice } from "../data/documents";

const NOTHING_W = 30;
const ICONS: Record<string, string> = {
  home: "mdi:home",
  grid_meter: "mdi:transmission-tower",
  pv: "mdi:solar-power",
  battery: "mdi:home-battery",
  ev_charger: "mdi:ev-station",
  switched_load: "mdi:power-socket-eu",
  appliance: "mdi:washing-machine",
  heat_pump: "mdi:heat-pump",
  water_heater: "mdi:water-boiler",
};
const GROUPS = ["pv", "battery", "ev_charger"];
const OVERRIDE_ICONS: Record<string, string> = {
  charge_now: "mdi:flash",
  not_now: "mdi:pause",
  keep: "mdi:lock-outline",
};

export function iconOf(kind: string): string {
  return ICONS[kind] ?? "mdi:devices";
}

/** What a device does, as a sentence with its power: direction is a word, never a sign. */
export function doing({ words, format }: Context, device: NowDevice): string {
  const { kind, power_w, vehicle } = device;
  if (device.link_reason !== null || power_w === null) return words.t("does_unknown");
  if (kind === "ev_charger" && vehicle === false) return words.t("does_no_car");
  const group = GROUPS.includes(kind) ? kind : "load";
  const way = power_w > NOTHING_W ? "takes" : power_w < -NOTHING_W ? "gives" : "rests";
  return words.t(`does_${group}_${way}`, { power: format.power(power_w) });
}

/** The one sentence why, with until when and what comes then. */
export function why(context: Context, device: NowDevice): string {
  const { words, format } = context;
  if (device.link_reason !== null) return words.t("why_unreachable");
  if (device.override) return overridden(context, device);
  const because = (device.why && words.reason(device.why)) || words.t("why_by_itself");
  const parts = [because];
  if (device.then) {
    parts.push(
      words.t("then", { time: format.moment(device.then.start), does: words.planned(device.then.does) }),
    );
  } else if (device.until) {
    parts[0] = `${because.replace(/\.$/, "")}, ${words.t("until", { time: format.moment(device.until) })}`;
  }
  return parts.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(" ");
}

function overridden({ words, format }: Context, { override }: NowDevice): string {
  if (!override) return "";
  const does = words.t(`override_${override.does}`);
  return override.until === null
    ? words.t("override_until_left", { does })
    : words.t("override_until", { does, time: format.moment(override.until) });
}

/** When the car has what it is charged up to; empty where that is not known. */
export function carReady({ words, format }: Context, { car }: NowDevice): string {
  if (!car) return "";
  const target = format.percent(car.target);
  if (car.state_of_charge >= car.target) return words.t("car_has", { target });
  if (car.ready_at === null || car.by === null) return "";
  return words.t(`car_by_${car.by}`, { target, time: format.moment(car.ready_at) });
}

export function deviceCard(context: Context, device: NowDevice): TemplateResult {
  const { words, format } = context;
  const charge = device.state_of_charge ?? device.car?.state_of_charge ?? null;
  const ready = carReady(context, device);
  return html`<article class="card device ${device.link_reason === null ? "" : "warn"}">
    <div class="row">
      <ha-icon class=${device.kind} icon=${iconOf(device.kind)}></ha-icon>
      <h3 class="grow">${device.name}</h3>
      ${charge === null ? nothing : html`<span class="number charge">${format.percent(charge)}</span>`}
    </div>
    <p class="doing">${doing(context, device)}</p>
    ${charge === null
      ? nothing
      : html`<div class="level charge-level ${device.car ? "car" : "battery"}" aria-hidden="true">
          <span .style=${`width:${charge * 100}%`}></span>
          ${device.car ? html`<i .style=${`inset-inline-start:${device.car.target * 100}%`}></i>` : nothing}
          ${device.reserve ? html`<i .style=${`inset-inline-start:${device.reserve * 100}%`}></i>` : nothing}
        </div>`}
    ${ready ? html`<p class="why">${ready}</p>` : nothing}
    ${device.session_wh
      ? html`<p class="why">${words.t("session_so_far", { energy: format.energy(device.session_wh) })}</p>`
      : nothing}
    <p class="quiet why">${why(context, device)}</p>
    ${device.judgement === "not_followed" ? html`<p class="why">${words.t("not_followed")}</p>` : nothing}
    ${device.decided_by === "nobody"
      ? nothing
      : html`<p><span class="chip">${words.t("decided_by", { who: words.decider(device.decided_by) })}</span></p>`}
    ${actions(context, device)}
  </article>`;
}

function actions(context: Context, device: NowDevice): TemplateResult | typeof nothing {
  const { words } = context;
  const deeds = device.override ? ["as_before"] : device.offered;
  if (!deeds.length) return nothing;
  return html`<div class="actions">
    ${deeds.map(
      (does) => html`<button
        ?disabled=${!context.maySteer || !context.isFresh || isBusy(context, does, device.device_id)}
        @click=${(click: Event) =>
          steer(click.currentTarget as HTMLElement, {
            does,
            target: device.device_id,
            ...(does === "as_before"
              ? {}
              : { undo: { does: "as_before", said: words.t("done", { name: device.name }) } }),
          })}
      >
        ${OVERRIDE_ICONS[does] ? html`<ha-icon icon=${OVERRIDE_ICONS[does]}></ha-icon>` : nothing}
        ${words.t(`do_${does}`)}
      </button>`,
    )}
  </div>`;
}

export const deviceStyle = css`
  .device .doing {
    font-size: 1.25rem;
    font-weight: 500;
    margin-block-start: 8px;
  }
  .device .why {
    margin-block: 8px 0;
    line-height: 1.4;
  }
  .device .chip {
    margin-block-start: 10px;
  }
  .device .charge {
    font-size: 1.125rem;
    font-weight: 500;
  }
  .device ha-icon.pv {
    color: color-mix(in srgb, var(--sun) 62%, var(--primary-text-color));
  }
  .device ha-icon.battery {
    color: color-mix(in srgb, var(--battery) 62%, var(--primary-text-color));
  }
  .device ha-icon.ev_charger {
    color: color-mix(in srgb, var(--car) 62%, var(--primary-text-color));
  }
  .charge-level {
    position: relative;
    height: 12px;
    border-radius: 6px;
  }
  .charge-level > span {
    background: var(--of);
    border-inline-end: 3px solid color-mix(in srgb, var(--of) 60%, var(--primary-text-color));
  }
  .charge-level > i {
    position: absolute;
    inset-block: 0;
    width: 2px;
    background: var(--primary-text-color);
  }
`;
