/** How a home tells temperatures, by the unit system that Home Assistant has. */
export interface Thermometer {
  unit: "\u00b0C" | "\u00b0F";
  /** What it shows of degrees Celsius, and what is meant by what it shows. */
  shown: (celsius: number) => number;
  celsius: (shown: number) => number;
  /** How many of its degrees a difference of 1 K is. */
  perKelvin: number;
  /** By how much it is set, and to how many decimals it is read. */
  step: number;
  digits: number;
}

export const CELSIUS: Thermometer = {
  unit: "\u00b0C",
  shown: (celsius) => celsius,
  celsius: (shown) => shown,
  perKelvin: 1,
  step: 0.5,
  digits: 1,
};

/** How a number that is asked for in a unit is shown and meant: degrees by the home's own thermometer, all others as asked. */
export function enteredIn(unit: string, thermometer: Thermometer): Entered {
  if (unit !== CELSIUS.unit) return { unit, shown: same, meant: same };
  // To a tenth, as a person writes it.
  const shown = (celsius: number): number => Math.round(thermometer.shown(celsius) * 10) / 10;
  return { unit: thermometer.unit, shown, meant: thermometer.celsius };
}

export interface Entered {
  unit: string;
  shown: (asked: number) => number;
  meant: (shown: number) => number;
}

function same(value: number): number {
  return value;
}

const PER_KELVIN = 1.8;
const FREEZING_F = 32;

export const FAHRENHEIT: Thermometer = {
  unit: "\u00b0F",
  shown: (celsius) => celsius * PER_KELVIN + FREEZING_F,
  celsius: (shown) => (shown - FREEZING_F) / PER_KELVIN,
  perKelvin: PER_KELVIN,
  step: 1,
  digits: 0,
};
