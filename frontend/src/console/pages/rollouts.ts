import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Asked } from "../asked";
import type { Context } from "../context";
import type { Rollout } from "../documents";
import { empty, shown, state, table, tiles, type Tone } from "../parts/said";
import { consoleStyle } from "../style";

const TONES: Record<string, Tone | undefined> = { running: "good", stopped: "bad", finished: "good", "rolled back": "doubt" };

/** How the fleet tool's rollout stands: its rings, and why it stopped. */
export class RolloutsPage extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: Context;

  readonly #rollouts = new Asked<Rollout[]>(this, ({ api }) => api.get("/rollouts"));

  protected override render(): TemplateResult {
    const { t } = this.context.words;
    return html`<div class="page">
      <div class="top">
        <h1>${t("page_rollouts")}</h1>
        <button @click=${() => this.#rollouts.refresh()}>${t("look_again")}</button>
      </div>
      ${shown(this.context, this.#rollouts, (rollouts) =>
        rollouts.length ? rollouts.map((each) => this.#rollout(each)) : html`<section class="card">${empty(t("rollouts_none"))}</section>`,
      )}
    </div>`;
  }

  #rollout(rollout: Rollout): TemplateResult {
    const { words, format } = this.context;
    const { t } = words;
    return html`<section class="page">
      <div class="row">
        <h2 class="grow">${t("rollout_of", { release: rollout.release })} <code>${rollout.commit.slice(0, 10)}</code></h2>
        ${state(TONES[rollout.phase] ?? "", words.of("phase", rollout.phase.replace(" ", "_")))}
      </div>
      ${tiles([
        [t("rollout_told"), format.number(rollout.told_homes)],
        [t("rollout_expected"), format.number(rollout.expected_homes)],
        [t("rollout_failing"), format.number(rollout.stop?.failing.length ?? 0)],
      ])}
      <section class="card">
        ${table(
          t("rollout_rings"),
          [
            { name: t("rollout_ring"), text: true },
            { name: t("homes_count") },
            { name: t("rollout_began"), text: true },
            { name: t("rollout_healthy"), text: true },
          ],
          rollout.rings.map(
            (ring) => html`<tr>
              <th scope="row">${ring.name}</th>
              <td class="number">${format.number(ring.homes)}</td>
              <td class="text">${format.moment(ring.started_at)}</td>
              <td class="text">${ring.healthy_since ? format.moment(ring.healthy_since) : "–"}</td>
            </tr>`,
          ),
        )}
      </section>
      ${rollout.stop
        ? html`<section class="card">
            <h2>${t("rollout_stopped", { ring: rollout.stop.ring, failing: rollout.stop.failing.length, counted: rollout.stop.counted })}</h2>
            ${table(
              t("rollout_failing"),
              [
                { name: t("home"), text: true },
                { name: t("reason"), text: true },
              ],
              rollout.stop.failing.map(
                (each) => html`<tr><th scope="row">${each.ven_id}</th><td class="text">${each.reason}</td></tr>`,
              ),
            )}
          </section>`
        : nothing}
    </section>`;
  }

  static override styles = consoleStyle;
}
