/**
 * What the server tells, topic by topic (custom_components/home_flex/panel).
 *
 * Powers in W (positive = consumption), energies in Wh, money in the home's currency, shares 0 to 1, times as
 * ISO 8601. Null is not known.
 */

export interface Flow {
  grid_w: number | null;
  pv_w: number | null;
  battery_w: number | null;
  charger_w: number | null;
  loads_w: number | null;
  home_w: number | null;
}

export interface Override {
  does: string;
  until: string | null;
}

/** The car on a charger: what it has and is charged up to, and when it has that, by the plan or by what it takes now. */
export interface CarOnCharger {
  state_of_charge: number;
  target: number;
  ready_at: string | null;
  by: "plan" | "power" | null;
}

export interface NowDevice {
  device_id: string;
  kind: string;
  name: string;
  power_w: number | null;
  state_of_charge: number | null;
  vehicle: boolean | null;
  /** What the car has taken in this session; null before it begins. */
  session_wh: number | null;
  /** Null where no car tells what it has. */
  car: CarOnCharger | null;
  link_reason: string | null;
  judgement: string;
  decided_by: string;
  why: string | null;
  until: string | null;
  then: { does: string; start: string } | null;
  latest_start: string | null;
  reserve: number | null;
  override: Override | null;
  offered: string[];
}

export interface Worth {
  worth: number;
  carbon_g: number | null;
  moved_wh: number;
  bends_wishes: boolean;
  is_kept: boolean;
}

export interface Ask {
  type: string;
  value: number;
  is_energy: boolean;
}

export interface EventDevice {
  device_id: string;
  name: string;
  is_spared: boolean;
  choice: Worth | null;
}

export interface FlexEvent {
  event_id: string;
  name: string | null;
  source: string;
  status: string;
  opted_out: boolean;
  /** The resident is asked, and has not said anything yet. */
  awaits_answer: boolean;
  /** By which rule of the house it waits. */
  held: "quiet_hours" | "week_full" | "away" | "unwell" | null;
  may_skip: boolean;
  /** Whether it can be joined with half of what it asks, and whether it is. */
  may_join_partly: boolean;
  is_partly: boolean;
  start: string;
  end: string;
  asks: Ask[];
  /** What it has of what it asks, where it is joined partly. */
  has: Ask[];
  reason: string | null;
  choice: { join: Worth; partly: Worth } | null;
  /** What it may move, and what joining with each alone is worth. */
  devices: EventDevice[];
  delivered: {
    energy_wh: number;
    less_wh: number | null;
    kept_share: number | null;
  } | null;
}

/** Whether the home would, as its community asks; energies in Wh. */
export interface Invitation {
  invitation_id: string;
  program_id: string;
  state: "open" | "withdrawn";
  start: string;
  end: string;
  answer_by: string;
  asked_wh: number;
  direction: "less" | "more";
  /** What all of it pays. */
  pays: number | null;
  currency: string | null;
  answer: "yes" | "partly" | "no" | null;
  answered_by: "resident" | "rule" | null;
  promised_wh: number | null;
  /** The community has the answer. */
  is_told: boolean;
  held: FlexEvent["held"];
}

export interface NowDocument {
  home: string;
  currency: string;
  flow: Flow | null;
  limit: {
    import_w: number | null;
    export_w: number | null;
    owner: string | null;
    shortfall_w: number;
  } | null;
  event: FlexEvent | null;
  devices: NowDevice[];
  has_meter: boolean;
  paused: boolean;
  paused_until: string | null;
  away: boolean;
  follows_plan: boolean;
  has_plan: boolean;
  /** The steps of the first run that are still to be done. */
  open_steps: string[];
  control_fails: boolean;
  community: boolean | null;
}

/** A device that was found and can be added: by another integration, or heard in the network (kind null). */
export interface FoundDevice {
  key: string;
  kind: string | null;
  name: string;
  is_suggested: boolean;
  /** How an order to it would end, null where it cannot be told anything. */
  consent: string | null;
  asks: { role: string; unit: string; most: number; suggested: number | null }[];
}

export interface FirstRun {
  found: FoundDevice[];
  /** Kinds that the Energy dashboard knows and nothing above stands for. */
  known_to_energy: string[];
  /** What the Energy dashboard shows nothing of yet and this home can tell: its types of source, and devices. */
  lacking_in_energy: string[];
  never_feeds_in: boolean;
  wished: WishedDevice[];
}

export type JoinRule = "automatic" | "ask" | "never";

/** What came of an event; what was paid is a text in the receipt's own currency. */
export interface Receipt {
  digest: string;
  /** Whether every figure of it was reckoned again, to the same cent. */
  holds: boolean;
  rule: string;
  known: string;
  used_wh: number | null;
  baseline_wh: number | null;
  delivered_wh: number | null;
  half_width_wh: number | null;
  asks: string | null;
  kept_share: string | null;
  paid: string | null;
  currency: string | null;
}

/** How far the home joins events by itself; local times as HH:MM. */
export interface HouseRules {
  quiet_from: string | null;
  quiet_until: string | null;
  most_a_week: number | null;
  /** None is joined while nobody is at home. */
  never_away: boolean;
}

export interface EventsDocument {
  house_rules: HouseRules;
  currency: string;
  participating: boolean;
  community: boolean | null;
  programmes: { program_id: string; rule: JoinRule }[];
  invitations: Invitation[];
  open: FlexEvent[];
  past: FlexEvent[];
}

export interface Block {
  start: string;
  end: string;
  does: string;
  power_w: number;
  reason: string | null;
  numbers: Record<string, number>;
  /** For what other reasons it goes on, and since when. */
  later: { start: string; reason: string }[];
}

/** What a device could do now instead, by a plan that was solved for it: what that costs more, and what it bends. */
export interface Alternative {
  instead: "at_once" | "not_now" | "in_its_time";
  costs: number;
  carbon_g: number | null;
  bent: Bend[];
}

export interface PlannedDevice {
  device_id: string;
  kind: string;
  name: string;
  power_w: (number | null)[];
  state_of_charge: (number | null)[] | null;
  blocks: Block[];
  /** Null while it is not reckoned, and where nothing else is possible. */
  alternative: Alternative | null;
}

export interface Plan {
  start: string;
  lengths_s: number[];
  made_at: string;
  status: string;
  cost: number;
  import_price: (number | null)[];
  export_price: (number | null)[];
  marginal_price: (number | null)[];
  guessed_from: number | null;
  carbon_g_per_kwh: (number | null)[] | null;
  grid_w: (number | null)[];
  load_w: (number | null)[];
  load_band_w: [(number | null)[], (number | null)[]] | null;
  pv_available_w: (number | null)[] | null;
  pv_available_band_w: [(number | null)[], (number | null)[]] | null;
  import_limit_w: (number | null)[] | null;
  devices: PlannedDevice[];
}

/** Something that is wished: a share 0 to 1, an energy in kWh, a time of day (HH:MM), yes or no, or one of some. */
export interface Wish {
  wish: string;
  shape: "share" | "energy" | "temperature" | "time" | "switch" | "choice";
  value: number | string | boolean | null;
  /** What it is one of; empty where it is no choice. */
  choices: string[];
  /** What a number lies between. */
  bounds: [number, number] | null;
}

/** A device, or the whole home (without an id), and what is wished of it. */
export interface WishedDevice {
  device_id: string;
  kind: string;
  name: string;
  wishes: Wish[];
}

/** What would make something possible: of whom or what, by how much (Wh, W or s), and what the plan costs more. */
export interface WayOut {
  kind: string;
  subject_id: string;
  name: string;
  amount: number;
  costs: number;
}

/** What the plan cannot keep of what is wished or asked, by how much (Wh, or s); without ways out yet: null. */
export interface Bend {
  wish: string;
  subject_id: string;
  name: string;
  amount: number;
  changes: WayOut[] | null;
}

/** What of the input a plan could not use; `subject_id` is empty for the home. */
export interface LeftOut {
  code: string;
  subject_id: string;
  name: string;
}

export interface PlanDocument {
  wishes: WishedDevice[];
  currency: string;
  is_followed: boolean;
  plan: Plan | null;
  bent: Bend[];
  left_out: LeftOut[];
  events: { event_id: string; name: string | null; start: string; end: string; opted_out: boolean }[];
}

export interface DeviceHealth {
  device_id: string;
  kind: string;
  name: string;
  made_by: string | null;
  firmware: string | null;
  link_reason: string | null;
  seen: string | null;
  judgement: string;
  decided_by: string;
  writes_today: number;
  troubles: string[];
  is_steered: boolean;
  permissions: Record<"managed" | "automatic" | "quiet", boolean>;
}

export interface DevicesDocument {
  devices: DeviceHealth[];
  store_trouble: string | null;
}

export interface LedgerRow {
  time: string;
  device_id: string;
  decided_by: string;
  reason: string;
  event_id: string | null;
  quantity: string;
  value: number | null;
  outcome: string;
  read_back: number | null;
}

export interface Documents {
  now: NowDocument;
  plan: PlanDocument;
  events: EventsDocument;
  devices: DevicesDocument;
}

export type Topic = keyof Documents;
