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
