import { html, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Documents, Topic } from "../data/documents";
import { define } from "../define";
import { DevicesPage } from "./devices";
import { EventsPage } from "./events";
import { Lane } from "../chart/lane";
import { MoneyPage } from "./money";
import { NowPage } from "./now";
import { PerformancePage } from "./performance";
import { PlanAhead, PlanPage } from "./plan";
import { HoursAhead } from "../parts/ahead";
import { Bars } from "../parts/bars";
import { HouseRulesCard } from "../parts/house_rules";
import { LivedToday } from "../parts/lived";
import { PlanWishes } from "../parts/wishes";
import { ReceiptDetails } from "../parts/receipt";
import { StatementCompare } from "../parts/statement";
import { StartPage } from "./start";

define("hf-lane", Lane);
define("hf-ahead", HoursAhead);
define("hf-bars", Bars);
define("hf-receipt", ReceiptDetails);
define("hf-house-rules", HouseRulesCard);
define("hf-lived", LivedToday);
define("hf-wishes", PlanWishes);
define("hf-statement", StatementCompare);
define("hf-now", NowPage);
define("hf-plan", PlanPage);
define("hf-plan-ahead", PlanAhead);
define("hf-events", EventsPage);
define("hf-money", MoneyPage);
define("hf-performance", PerformancePage);
define("hf-devices", DevicesPage);
define("hf-start", StartPage);

interface Page {
  /** Null: it is reached from other pages and is not in the menu. */
  icon: string | null;
  topic: Topic;
  /** What it shows too where there is room for it. */
  beside?: Topic;
  render: (context: Context, body: Documents[Topic] | undefined) => TemplateResult;
}

const PAGE_NAMES = ["now", "plan", "events", "money", "devices", "performance", "start"] as const;
export type PageName = (typeof PAGE_NAMES)[number];

/** The pages there are, in the order of the menu. */
export const PAGES: Record<PageName, Page> = {
  now: {
    icon: "mdi:home-lightning-bolt-outline",
    topic: "now",
    beside: "plan",
    render: (context, body) => html`<hf-now .context=${context} .body=${body}></hf-now>`,
  },
  plan: {
    icon: "mdi:chart-timeline",
    topic: "plan",
    render: (context, body) => html`<hf-plan .context=${context} .body=${body}></hf-plan>`,
  },
  events: {
    icon: "mdi:calendar-clock",
    topic: "events",
    render: (context, body) => html`<hf-events .context=${context} .body=${body}></hf-events>`,
  },
  money: {
    icon: "mdi:cash-multiple",
    topic: "plan",
    render: (context, body) => html`<hf-money .context=${context} .body=${body}></hf-money>`,
  },
  devices: {
    icon: "mdi:home-heart",
    topic: "devices",
    render: (context, body) => html`<hf-devices .context=${context} .body=${body}></hf-devices>`,
  },
  performance: {
    icon: "mdi:home-thermometer-outline",
    topic: "now",
    render: (context) => html`<hf-performance .context=${context}></hf-performance>`,
  },
  start: {
    icon: null,
    topic: "now",
    render: (context) => html`<hf-start .context=${context}></hf-start>`,
  },
};

/** The page that an address names; the first one for any other. */
export function pageOf(path: string | undefined): PageName {
  const name = path?.split("/")[1];
  return PAGE_NAMES.find((each) => each === name) ?? "now";
}
