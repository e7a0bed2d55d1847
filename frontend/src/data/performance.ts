import type { Account } from "./money";

/** How the home did lately (custom_components/home_flex/panel/performance.py); null is not known. */
export interface PerformanceDocument {
  start: string;
  /** Null without a building; empty before it has been reckoned. */
  heat_loss: Partial<HeatLoss> | null;
  home: Account;
  forecasts: ForecastRow[];
  devices: DeviceRow[];
  batteries: BatteryRow[];
}

export interface HeatLoss {
  w_per_k: number | null;
  half_width_w_per_k: number | null;
  is_unsure: boolean | null;
  lacking: string | null;
  half_width_share: number | null;
  days: number;
  asked_days: number;
  mean_difference_k: number;
  heating_share: number;
  start: string | null;
  end: string | null;
}

export interface ForecastRow {
  /** Null: the house. */
  device_id: string | null;
  name: string;
  source: string;
  quality: {
    misses_w: number;
    naive_misses_w: number;
    is_worse_than_naive: boolean;
    bias_w: number;
    inside_band: number | null;
  } | null;
}

export interface DeviceRow {
  device_id: string;
  kind: string;
  name: string;
  heard: number | null;
  heard_since: string | null;
  followed: number;
  not_followed: number;
  judged_since: string;
}

export interface BatteryRow {
  device_id: string;
  name: string;
  since: string | null;
  charge_wh: number | null;
  discharge_wh: number | null;
  cycles: number | null;
  loss_wh: number | null;
  known: number;
}

/** Whether a forecast is better, as good, or worse than "like yesterday", in words' keys. */
export function verdict({ quality }: ForecastRow): "unknown" | "better" | "alike" | "worse" {
  if (!quality) return "unknown";
  if (quality.is_worse_than_naive) return "worse";
  return quality.misses_w < 0.95 * quality.naive_misses_w ? "better" : "alike";
}

