/** What the hub tells. Powers in kW, energies in kWh, money as decimal text, times as RFC 3339. */

export type Role = "operator" | "aggregator" | "grid_operator" | "household" | "auditor";
export type Direction = "less" | "more";

export interface Account {
  id: string;
  email: string;
  name: string;
  role: Role;
  state: string;
  leaving_since: string | null;
  has_password: boolean;
  /** Whether a password alone is not enough: by an app's codes, or by passkeys. */
  has_second_factor: boolean;
  has_totp: boolean;
  passkeys: number;
  created_at: string;
  /** What tokens of one's own may be for at most; told of oneself alone. */
  scopes?: string[];
}

/** What signs a person in without a password. */
export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** Who may vouch for people: an OpenID provider that the operator chose. */
export interface Provider {
  name: string;
  title: string;
}

/** Who a person is to a provider; `provider` is null where it is not set any more. */
export interface Identity {
  id: string;
  provider: string | null;
  title: string;
  linked_at: string;
  last_used_at: string | null;
}

/** What speaks for a person within scopes. */
export interface Token {
  id: string;
  name: string;
  scopes: string[];
  expires_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A program that the VTN lets in. */
export interface Client {
  client_id: string;
  name: string;
  scopes: string[];
  revoked_at: string | null;
}

export interface Home {
  ven_id: string;
  name: string;
  owner_id: string | null;
  feeder: string | null;
  postcode: string | null;
  state: string;
  leaving_since: string | null;
}

export interface Health {
  ven_id: string;
  last_heard_at: string | null;
  refused_reports: number;
  consents_until: string | null;
}

export interface Consent {
  id: string;
  ven_id: string;
  program_id: string;
  devices: string[];
  valid_from: string;
  valid_until: string;
  text: string;
  text_hash: string;
  agreed_at: string;
  agreed_how: string;
  ended_at: string | null;
}

export interface Program {
  id: string;
  name: string;
  kind: string;
  exclusive: boolean;
  reads_energy: boolean;
}

export interface Offers {
  at: string;
  direction: Direction;
  homes: number;
  silent_homes: number;
  power_kw: number;
  expected_kw: number;
  stored_kwh: number | null;
  capacity_kwh: number | null;
  curve: CurvePoint[];
  feeders: { feeder: string | null; homes: number; power_kw: number; expected_kw: number }[];
  offers: {
    ven_id: string;
    name: string;
    feeder: string | null;
    power_kw: number;
    price_per_kwh: string | number | null;
    proven_share: number;
    told_at: string;
  }[];
}

export interface CurvePoint {
  power_kw: number;
  expected_kw: number;
  price_per_kwh: string | number | null;
}

export interface Forecast {
  intervals: {
    start: string;
    duration_s: number;
    homes: number;
    baseline_kw: number | null;
    power_kw: number;
    expected_kw: number;
  }[];
}

export interface Invitation {
  id: string;
  program_id: string;
  event_time: string;
  duration_minutes: number;
  load_kwh: number;
  direction: Direction;
  answer_by: string | null;
  state: "open" | "dispatched" | "withdrawn" | "over";
  created_at: string;
  dispatch_id: string | null;
  counts: { asked: number; unanswered: number; yes: number; partly: number; no: number };
  promised_kwh: number;
  /** What a delivered kWh pays, exact in decimals; null where homes were told no pay. */
  price_per_kwh: string | null;
  currency: string | null;
}

export interface Answer {
  ven_id: string;
  name: string;
  feeder: string | null;
  asked_kwh: number;
  state: "unanswered" | "yes" | "partly" | "no";
  promised_kwh: number | null;
  answered_by: "resident" | "rule" | null;
  answered_at: string | null;
  proven_share: number;
  rank: number;
}

export interface AnswerRule {
  ven_id: string;
  program_id: string;
  answer: "ask" | "yes" | "no";
  most_kwh: number | null;
}

/** What a household is told by mail, and where that goes; `is_sent`: whether the hub sends any. */
export interface MailWishes {
  is_sent: boolean;
  email: string;
  homes: { ven_id: string; name: string; wish: MailWish | null }[];
}

export interface MailWish {
  ven_id: string;
  quiet_from: string;
  quiet_until: string;
}

export interface Dispatch {
  id: string | null;
  program_id: string;
  name: string;
  start: string;
  end: string;
  interval_s: number;
  direction: Direction;
  need_kw: number[];
  called_kw: number[];
  expected_kw: number[];
  short_kw: number[];
  beyond_kw: number[];
  state: "announced" | "running" | "over" | "cancelled";
  cost: string;
  currency: string;
  price_per_kwh: string;
  marginal_price_per_kwh: string | null;
  created_at: string;
  invitation_id: string | null;
  counts: { called: number; dropped: number; left_out: number };
}

export interface DispatchedHome {
  ven_id: string;
  name: string;
  feeder: string | null;
  state: "called" | "dropped" | "left_out";
  reason: string | null;
  called_kw: number[];
  proven_share: number;
  answer: string | null;
}

export interface DeliverySummary {
  at: string;
  needed_kw: number | null;
  delivered_kw: number | null;
  called_kw: number | null;
  delivered_kwh: number | null;
  expected_kwh: number | null;
  homes: { called: number; accepted: number; delivering: number; silent: number; left: number };
  is_short: boolean;
}

export interface DeliveryNow extends DeliverySummary {
  dispatch_id: string;
  series: { at: string; needed_kw: number | null; delivered_kw: number | null }[];
  by_home: {
    ven_id: string;
    name: string;
    status: string | null;
    called_kw: number | null;
    delivered_kw: number | null;
    delivered_kwh: number | null;
    baseline_kw: number | null;
    demand_kw: number | null;
    told_at: string | null;
    left: boolean;
  }[];
}

export interface Settlement {
  id: string;
  dispatch_id: string;
  program_id: string;
  made_at: string;
  currency: string;
  price_per_kwh: string;
  delivered_kwh: number;
  amount: string;
  counts: { settled: number; contradicted: number; unknown: number; left: number };
  digest: string;
}

export interface Line {
  settlement_id: string;
  ven_id: string;
  event_id: string;
  state: string;
  agreed_kwh: number;
  delivered_kwh: number | null;
  told_kwh: number | null;
  amount: string;
  currency: string;
  price_per_kwh: string;
  baseline_rule: string | null;
  receipt_digest: string | null;
  checked: "right" | "wrong" | null;
  statement: Record<string, unknown>;
}

export interface Entry {
  number: number;
  at: string;
  actor: string;
  act: string;
  object: string;
  details: Record<string, unknown>;
  hash: string;
}

export interface Head {
  is_whole: boolean;
  number?: number;
  hash?: string;
  broken_at?: number;
}

export interface Rollout {
  release: string;
  commit: string;
  phase: string;
  told_homes: number;
  expected_homes: number;
  rings: { name: string; started_at: string; healthy_since: string | null; homes: number }[];
  stop: { ring: string; counted: number; failing: { ven_id: string; reason: string }[] } | null;
}

export interface Order {
  id: string;
  ven_id: string;
  interval_start: string;
  side: "bid" | "ask";
  price_per_kwh: string;
  quantity_kwh: number;
  filled_kwh: number | null;
  placed_at: string;
}

export interface Clearing {
  interval_start: string;
  price_per_kwh: string | null;
  volume_kwh: number;
  orders: number;
  cleared_at: string;
}

/** What a home pays for what it traded in a month; below nought it gets it. */
export interface Traded {
  month: string;
  ven_id: string;
  currency: string;
  amount: string;
  exact: string;
  issued_at: string;
}

export interface RuleFigures {
  rule: string;
  saving: string;
  found_share: number;
  sellers_share: number;
  worse_off: number;
  likeness: number | null;
}
