import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Line } from "../../chart/lane";
import { digitsOf } from "../../chart/range";
import { Asked } from "../asked";
import type { Context } from "../context";
import type { DeliveryNow, Dispatch } from "../documents";
import { consoleStyle } from "../style";
import { empty, shown, state, table, tiles, type Tone } from "./said";

/** How an event is delivered while it runs: against what is needed, and home by home. */
export class Delivery extends LitElement {
  static override properties = { context: { attribute: false }, dispatch: { attribute: false } };
  declare context: Context;
  declare dispatch: Dispatch;

  readonly #now = new Asked<DeliveryNow>(this, ({ api }) => api.get(`/dispatches/${this.dispatch.id ?? ""}/delivery`), ["dispatch."]);

  protected override render(): unknown {
    return shown(this.context, this.#now, (delivery) => this.#show(delivery));
  }

  #show(delivery: DeliveryNow): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    const kw = (value: number | null): string => (value === null ? "–" : format.power(value * 1000));
    const kwh = (value: number | null): string => (value === null ? "–" : format.signedEnergy(value * 1000));
    const { homes } = delivery;
    return html`${tiles([
        [t("needed"), kw(delivery.needed_kw)],
        [t("delivered"), kw(delivery.delivered_kw)],
        [t("delivered_energy"), kwh(delivery.delivered_kwh)],
        [t("delivering"), `${format.number(homes.delivering)} / ${format.number(homes.called)}`],
        [t("left"), format.number(homes.left)],
        [t("silent"), format.number(homes.silent)],
      ])}
      ${delivery.is_short && this.dispatch.state === "running" ? html`<p class="error" role="status">${t("is_short")}</p>` : nothing}
      <section class="card">
        <h2>${t("delivery")}</h2>
        ${delivery.series.length ? this.#chart(delivery) : empty(t("delivery_none"))}
      </section>
      <section class="card">
        <h2>${t("page_homes")}</h2>
        ${this.#homes(delivery, kw, kwh)}
      </section>`;
  }

  #chart({ series }: DeliveryNow): TemplateResult {
    const { words, format } = this.context;
    const seconds = series.map(({ at }) => new Date(at).getTime() / 1000);
    const first = seconds[0] ?? 0;
    const each = (seconds[1] ?? first + 60) - first;
    const times = [...seconds, (seconds.at(-1) ?? first) + each];
    const lines: Line[] = [
      { color: "--primary-color", values: series.map(({ delivered_kw }) => delivered_kw), fill: true },
      { color: "--warning-color", values: series.map(({ needed_kw }) => needed_kw), dashed: true },
    ];
    return html`<hf-lane
        .times=${times}
        .lines=${lines}
        .range=${{ from: first, to: times.at(-1) ?? first + 60 }}
        .value=${(value: number, step: number) => format.number(value, digitsOf(step))}
        .hour=${(at: number) => format.time(new Date(at * 1000))}
        .height=${220}
      ></hf-lane>
      <ul class="keys">
        <li class="delivered"><i></i>${words.t("key_delivered")}</li>
        <li class="needed"><i></i>${words.t("key_needed")}</li>
      </ul>`;
  }

  #homes(delivery: DeliveryNow, kw: (value: number | null) => string, kwh: (value: number | null) => string): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    if (!delivery.by_home.length) return empty(t("nobody_called"));
    return table(
      t("delivery"),
      [
        { name: t("home"), text: true },
        { name: t("state"), text: true },
        { name: t("called"), wide: true },
        { name: t("delivered") },
        { name: t("delivered_energy") },
        { name: t("usual_power"), wide: true },
        { name: t("power_now"), wide: true },
        { name: t("told_at"), wide: true },
      ],
      delivery.by_home.map((home) => {
        const [tone, text] = this.#state(home);
        return html`<tr>
          <th scope="row">${home.name}<small>${home.ven_id}</small></th>
          <td class="text">${state(tone, text)}</td>
          <td class="wide number">${kw(home.called_kw)}</td>
          <td class="number">${kw(home.delivered_kw)}</td>
          <td class="number">${kwh(home.delivered_kwh)}</td>
          <td class="wide number">${kw(home.baseline_kw)}</td>
          <td class="wide number">${kw(home.demand_kw)}</td>
          <td class="wide number">${home.told_at ? format.time(home.told_at) : "–"}</td>
        </tr>`;
      }),
    );
  }

  #state(home: DeliveryNow["by_home"][number]): [Tone, string] {
    const { words } = this.context;
    if (home.left) return ["doubt", words.t("left")];
    if (home.status === null) return ["idle", words.t("unanswered")];
    const tones: Record<string, Tone | undefined> = { REJECTED: "bad", ABORTED: "bad", REVOKED: "idle", ACCEPTED: "", STARTED: "good", SUCCEEDED: "good" };
    return [tones[home.status] ?? "", words.of("status", home.status)];
  }

  static override styles = [
    consoleStyle,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      .delivered {
        --of: var(--primary-color);
      }
      .needed {
        --of: var(--warning-color);
      }
      .keys .needed i {
        height: 0;
        border: 0;
        border-block-start: 2px dashed var(--warning-color);
        border-radius: 0;
        background: none;
      }
    `,
  ];
}
