import { describe, expect, it } from "vitest";
import type { Context } from "../src/context";
import type { DevicesDocument, NowDocument } from "../src/data/documents";
import { Format } from "../src/data/format";
import { Words } from "../src/data/words";
import { DevicesPage } from "../src/pages/devices";
import { NowPage } from "../src/pages/now";
import { textsIn } from "./texts_in";

class Devices extends DevicesPage {
  drawn(): unknown {
    return this.render();
  }
}
customElements.define("test-devices", Devices);

class Now extends NowPage {
  drawn(): unknown {
    return this.render();
  }
}
customElements.define("test-now", Now);

const words = new Words((key) => key.replace("component.home_flex.common.panel_", ""));
const format = new Format({ language: "en", number_format: "language", time_format: "24" }, "UTC");

/** What the page of devices says of all of them. */
function summary(maySetUp: boolean, devices: unknown[] = []): string[] {
  const page = new Devices();
  page.context = { words, format, maySetUp } as unknown as Context;
  page.body = { devices, store_trouble: null } as unknown as DevicesDocument;
  return textsIn(page.drawn()).filter((text) => /^(devices_|set_up)/.test(text));
}

describe("a home without devices", () => {
  it("is not said to be well, and who may set it up is led there", () => {
    expect(summary(true)).toEqual(["devices_none", "set_up"]);
    expect(summary(false)).toEqual(["devices_none"]);
  });

  it("has no heading over nothing", () => {
    const now = { devices: [], open_steps: [], has_meter: false, flow: null, limit: null, event: null, paused: false };
    const page = new Now();
    page.context = { words, format, now: now as unknown as NowDocument, later: new Set(), busy: new Set() } as unknown as Context;
    expect(textsIn(page.drawn())).not.toContain("devices_now");
  });
});
