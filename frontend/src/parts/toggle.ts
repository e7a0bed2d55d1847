import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Context } from "../context";

export interface Toggle {
  /** What it is, among all that can be chosen. */
  key: string;
  /** How it stands as the home tells. */
  told: boolean;
  change: (value: boolean) => Promise<unknown>;
  refused: (error: unknown) => void;
}

/** A switch for something of the home: it stands as chosen until that is answered, else as the home has it. */
export function toggle(context: Context, { key, told, change, refused }: Toggle): TemplateResult {
  return toggleBox(context, context.clicked.shown(key, told), (value) =>
    context.clicked.choose(key, value, () => change(value)).catch(refused),
  );
}

/** The box of a switch, with a name of its own where no label is around it. */
export function toggleBox(
  { maySteer, isFresh }: Context,
  isOn: boolean,
  change: (value: boolean, box: HTMLElement) => unknown,
  label?: string,
): TemplateResult {
  return html`<input
    type="checkbox"
    role="switch"
    aria-label=${label ?? nothing}
    .checked=${live(isOn)}
    ?disabled=${!maySteer || !isFresh}
    @change=${(event: Event) => {
      const box = event.target as HTMLInputElement;
      change(box.checked, box);
    }}
  />`;
}
