import { html, type TemplateResult } from "lit";
import type { Context } from "../context";
import type { Role } from "../documents";
import { AccessPage } from "./access";
import { AccountPage } from "./account";
import { AuditPage } from "./audit";
import { EventsPage } from "./events";
import { HomePage } from "./home";
import { HomesPage } from "./homes";
import { InvitationsPage } from "./invitations";
import { MarketPage } from "./market";
import { OffersPage } from "./offers";
import { PeoplePage } from "./people";
import { RolloutsPage } from "./rollouts";
import { SettlementPage } from "./settlement";

interface PageKind {
  tag: string;
  element: CustomElementConstructor;
  roles: readonly Role[];
  show: (context: Context) => TemplateResult;
}

const OPERATOR: readonly Role[] = ["operator"];
const EVERYBODY: readonly Role[] = ["operator", "aggregator", "grid_operator", "household", "auditor"];
const CALLING: readonly Role[] = ["operator", "aggregator"];

/** All pages in the order of the menu, and who has them. The hub itself refuses what somebody may not see. */
export const PAGES = {
  home: {
    tag: "hc-home",
    element: HomePage,
    roles: ["household"],
    show: (context) => html`<hc-home .context=${context}></hc-home>`,
  },
  homes: {
    tag: "hc-homes",
    element: HomesPage,
    roles: CALLING,
    show: (context) => html`<hc-homes .context=${context}></hc-homes>`,
  },
  offers: {
    tag: "hc-offers",
    element: OffersPage,
    roles: CALLING,
    show: (context) => html`<hc-offers .context=${context}></hc-offers>`,
  },
  invitations: {
    tag: "hc-invitations",
    element: InvitationsPage,
    roles: [...CALLING, "auditor"],
    show: (context) => html`<hc-invitations .context=${context}></hc-invitations>`,
  },
  events: {
    tag: "hc-events",
    element: EventsPage,
    roles: [...CALLING, "auditor"],
    show: (context) => html`<hc-events .context=${context}></hc-events>`,
  },
  settlement: {
    tag: "hc-settlement",
    element: SettlementPage,
    roles: [...CALLING, "auditor"],
    show: (context) => html`<hc-settlement .context=${context}></hc-settlement>`,
  },
  market: {
    tag: "hc-market",
    element: MarketPage,
    roles: [...OPERATOR, "auditor", "household"],
    show: (context) => html`<hc-market .context=${context}></hc-market>`,
  },
  people: {
    tag: "hc-people",
    element: PeoplePage,
    roles: OPERATOR,
    show: (context) => html`<hc-people .context=${context}></hc-people>`,
  },
  audit: {
    tag: "hc-audit",
    element: AuditPage,
    roles: [...OPERATOR, "auditor"],
    show: (context) => html`<hc-audit .context=${context}></hc-audit>`,
  },
  rollouts: {
    tag: "hc-rollouts",
    element: RolloutsPage,
    roles: OPERATOR,
    show: (context) => html`<hc-rollouts .context=${context}></hc-rollouts>`,
  },
  access: {
    tag: "hc-access",
    element: AccessPage,
    roles: EVERYBODY,
    show: (context) => html`<hc-access .context=${context}></hc-access>`,
  },
  account: {
    tag: "hc-account",
    element: AccountPage,
    roles: EVERYBODY,
    show: (context) => html`<hc-account .context=${context}></hc-account>`,
  },
} as const satisfies Record<string, PageKind>;

export type PageName = keyof typeof PAGES;

export function pagesOf(role: Role): PageName[] {
  return (Object.entries(PAGES) as [PageName, PageKind][]).filter(([, { roles }]) => roles.includes(role)).map(([name]) => name);
}
