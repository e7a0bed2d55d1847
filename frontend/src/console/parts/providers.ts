import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Api } from "../api";
import type { Provider } from "../documents";
import { consoleStyle } from "../style";
import type { Key, Words } from "../words";

/** The providers that may vouch for people, a button each; `provider` tells which was chosen. */
export class Providers extends LitElement {
  static override properties = {
    words: { attribute: false },
    api: { attribute: false },
    label: { attribute: false },
    isBusy: { attribute: false },
    providers: { state: true },
  };
  declare words: Words;
  declare api: Api;
  /** What a button says of a provider. */
  declare label: Key;
  declare isBusy: boolean;
  declare providers: Provider[];

  constructor() {
    super();
    this.providers = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Without an answer there is none to choose: the password is still there.
    void this.api.get<Provider[]>("/openid-connect/providers").then(
      (found) => (this.providers = found),
      () => undefined,
    );
  }

  #choose(name: string): void {
    this.dispatchEvent(new CustomEvent<string>("provider", { detail: name }));
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.providers.length) return nothing;
    return html`<div class="actions">
      ${this.providers.map((each) => this.#button(each))}
    </div>`;
  }

  #button({ name, title }: Provider): TemplateResult {
    return html`<button type="button" ?disabled=${this.isBusy} @click=${() => this.#choose(name)}>
      ${this.words.t(this.label, { provider: title })}
    </button>`;
  }

  static override styles = consoleStyle;
}

/** Sends the browser to a provider, for what was begun there; it comes back by itself. */
export async function goToProvider(api: Api, name: string, what: "sign-in" | "join" | "link" | "proof", body: unknown = {}): Promise<void> {
  const { location: address } = await api.post<{ location: string }>(`/openid-connect/${name}/${what}`, body);
  location.assign(address);
}
