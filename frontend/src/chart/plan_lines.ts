import type { Plan } from "../data/documents";
import type { Line } from "./lane";

export interface PlanLines {
  price: Line[];
  carbon: Line[];
  power: Line[];
  charge: Line[];
}

/** The lines of each lane; what is guessed of the prices is dashed. */
export function linesOf(plan: Plan): PlanLines {
  const guessed = plan.guessed_from ?? plan.import_price.length;
  const price: Line[] = [
    {
      color: "--primary-color",
      values: plan.import_price.map((value, step) => (step < guessed ? value : null)),
      fill: true,
    },
  ];
  if (guessed < plan.import_price.length) {
    const values = plan.import_price.map((value, step) => (step >= guessed ? value : null));
    price.push({ color: "--secondary-text-color", values, dashed: true });
  }
  const power: Line[] = [
    { color: "--energy-grid-consumption-color", values: plan.grid_w, fill: true },
    { color: "--primary-text-color", values: plan.load_w, band: plan.load_band_w ?? undefined },
  ];
  if (plan.pv_available_w) {
    power.push({
      color: "--energy-solar-color",
      values: plan.pv_available_w,
      band: plan.pv_available_band_w ?? undefined,
    });
  }
  if (plan.import_limit_w?.some((limit) => limit !== null)) {
    power.push({ color: "--error-color", values: plan.import_limit_w, dashed: true });
  }
  const charge = plan.devices.flatMap(({ state_of_charge }) =>
    state_of_charge ? [{ color: "--energy-battery-out-color", values: state_of_charge, fill: true }] : [],
  );
  const carbon: Line[] = plan.carbon_g_per_kwh
    ? [{ color: "--energy-non-fossil-color", values: plan.carbon_g_per_kwh, fill: true }]
    : [];
  return { price, carbon, power, charge };
}

/** Whether anything of a lane is known. */
export function isKnown(drawn: Line[]): boolean {
  return drawn.some(({ values }) => values.some((value) => value !== null));
}
