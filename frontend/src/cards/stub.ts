/**
 * On every page of Home Assistant: tells the picker which cards there are, and loads what draws them only where
 * one is shown. Nothing of the panel may be imported here at once.
 */
import { dashboard, type Registries } from "./dashboard";
import { CARDS, type CardConfig, type CardName, wrongWith } from "./kinds";
import { namesIn, namesShown } from "./names";

const RETRY_MS = 5_000;

interface Drawn extends HTMLElement {
  config: CardConfig;
  hass: unknown;
}

interface Hass extends Registries {
  language: string;
}

interface Picker {
  customCards?: object[];
  customStrategies?: object[];
}

/** A card until what draws it is there: keeps what Home Assistant says, and passes it on. */
function lazy(name: CardName): CustomElementConstructor {
  const { size, grid, options } = CARDS[name];
  return class extends HTMLElement {
    #config: CardConfig = { type: "" };
    #hass: unknown;
    #drawn: Drawn | undefined;
    #retry: ReturnType<typeof setTimeout> | undefined;

    static getStubConfig(): Record<string, unknown> {
      return {};
    }

    static getConfigForm(): Record<string, unknown> {
      return {
        schema: options.map((option) => ({ name: option.name, selector: option.selector })),
        computeLabel: ({ name }: { name: string }) => {
          const t = namesShown();
          return t(`card_option_${name}`);
        },
      };
    }

    setConfig(config: CardConfig): void {
      const wrong = wrongWith(name, config);
      const t = namesShown();
      if (wrong.length) throw new Error(t("card_wrong").replace("{options}", wrong.join(", ")));
      this.#config = config;
      if (this.#drawn) this.#drawn.config = config;
    }

    set hass(hass: unknown) {
      this.#hass = hass;
      if (this.#drawn) this.#drawn.hass = hass;
    }

    getCardSize(): number {
      return size;
    }

    getGridOptions(): Record<string, unknown> {
      return grid;
    }

    connectedCallback(): void {
      // A card never makes its column wider.
      Object.assign(this.style, { display: "block", minWidth: "0" });
      void this.#draw();
    }

    #show(): void {
      if (this.#drawn) return;
      this.#drawn = document.createElement(`hf-${name}-card`) as Drawn;
      this.#drawn.config = this.#config;
      this.#drawn.hass = this.#hass;
      this.append(this.#drawn);
    }

    disconnectedCallback(): void {
      clearTimeout(this.#retry);
    }

    async #draw(): Promise<void> {
      if (this.#drawn) return;
      try {
        await import("../main");
      } catch {
        // Home Assistant is away: what was not fetched is fetched once it is back.
        if (this.isConnected) this.#retry = setTimeout(() => void this.#draw(), RETRY_MS);
        return;
      }
      this.#show();
    }
  };
}

class Dashboard extends HTMLElement {
  static generate(_config: unknown, hass: Hass): Promise<unknown> {
    return Promise.resolve(dashboard(hass, namesIn(hass.language)));
  }
}

function offered(name: CardName): object {
  const type = `home-flex-${name}-card`;
  return {
    type,
    // Read when the picker opens: in the language of then.
    get name() {
      const t = namesShown();
      return t(`card_${name}`);
    },
    get description() {
      const t = namesShown();
      return t(`card_about_${name}`);
    },
    preview: true,
    getEntitySuggestion: (hass: Hass, entityId: string) =>
      hass.entities[entityId]?.platform === "home_flex" ? { config: { type: `custom:${type}` } } : null,
  };
}

function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

const names = Object.keys(CARDS) as CardName[];
for (const name of names) define(`home-flex-${name}-card`, lazy(name));
define("ll-strategy-dashboard-home-flex", Dashboard);
const picker = window as unknown as Picker;
(picker.customCards ??= []).push(...names.map(offered));
(picker.customStrategies ??= []).push({
  type: "home-flex",
  strategyType: "dashboard",
  get name() {
    const t = namesShown();
    return t("card_dashboard");
  },
  get description() {
    const t = namesShown();
    return t("card_about_dashboard");
  },
});
