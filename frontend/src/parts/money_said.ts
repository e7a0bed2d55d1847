import type { Context } from "../context";

/** The texts of an amount that is nothing, above and below it; the latter two tell how much. */
export interface MoneyTexts {
  nothing: string;
  above: string;
  below: string;
}

/** An amount in the home's currency in words, and not by its sign. */
export function moneySaid({ words, format, now }: Context, amount: number, texts: MoneyTexts): string {
  if (format.isNoMoney(amount, now.currency)) return words.t(texts.nothing);
  return words.t(amount > 0 ? texts.above : texts.below, { amount: format.money(Math.abs(amount), now.currency) });
}
