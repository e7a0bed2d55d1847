import { describe, expect, it } from "vitest";
import { Format } from "../src/data/format";
import { timesOfDay } from "../src/parts/time_choice";

const locale = (over = {}) => ({
  language: "en",
  number_format: "language",
  time_format: "24",
  ...over,
});
const format = (over = {}) => new Format(locale(over), "Europe/Brussels");
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");

describe("numbers", () => {
  it.each([
    [0, "0 W"],
    [-4, "0 W"],
    [644, "640 W"],
    [994, "990 W"],
    [996, "1.0 kW"],
    [-7_360, "7.4 kW"],
  ])("tell %d W as %s, without a direction", (watts, said) => {
    expect(plain(format().power(watts))).toBe(said);
  });

  it("follow what the user chose, not the browser", () => {
    expect(format({ number_format: "decimal_comma" }).number(1234.5, 1)).toBe("1.234,5");
    expect(format({ number_format: "none" }).number(1234.5, 1)).toBe("1234.5");
    expect(format({ language: "de", number_format: "none" }).number(1234.5, 1)).toBe("1234.5");
    expect(plain(format({ language: "de" }).money(1.5, "EUR"))).toBe("1,50 €");
    expect(format({ number_format: "none" }).money(1234.5, "EUR")).toBe("€1234.50");
  });

  it.each([
    ["en", 1234.4, "JPY", "¥1,234"],
    ["sv", 1234.4, "SEK", "1 234,40 kr"],
    ["de", 0.4, "JPY", "0 ¥"],
    ["en", 1234.4, "HUF", "Ft 1,234"],
    ["hu", 12345.6, "HUF", "12 346 Ft"],
    ["en", 12.3, "SEK", "kr 12.30"],
    ["nl", 12.3, "EUR", "€ 12,30"],
    ["pt-BR", 12.3, "BRL", "R$ 12,30"],
  ])("in %s tell %d %s in the money that there is, as %s", (language, amount, currency, said) => {
    expect(plain(format({ language }).money(amount, currency))).toBe(said);
  });

  it("stand in a text from left to right without marks of another direction", () => {
    expect(plain(format({ language: "he" }).money(-9.3, "EUR"))).toBe("-9.30 €");
  });

  it("tell a price more finely than money where a kWh costs a few coins", () => {
    expect(format().price(31.254, "JPY")).toBe("¥31.25/kWh");
    expect(format().price(0.18, "EUR")).toBe("€0.18/kWh");
    expect(plain(format().price(0.0123, "KWD"))).toBe("KWD 0.012/kWh");
  });

  it.each([
    ["en", "EUR", "€0.29/kWh", "€/kWh"],
    ["de", "EUR", "0,29 €/kWh", "€/kWh"],
    ["nl", "EUR", "€ 0,29/kWh", "€/kWh"],
    ["sv", "SEK", "0,29 kr/kWh", "kr/kWh"],
    ["en", "SEK", "kr 0.29/kWh", "kr/kWh"],
    ["hu", "HUF", "0,29 Ft/kWh", "Ft/kWh"],
    ["en", "points", "0.29 points/kWh", "points/kWh"],
  ])("in %s tell a price in %s as %s, and its unit as %s", (language, currency, price, unit) => {
    expect([format({ language }).price(0.29, currency), format({ language }).priceUnit(currency)].map(plain)).toEqual([price, unit]);
  });

  it.each([
    ["1.005", "€1.01"],
    ["0.285", "€0.29"],
    ["-1.005", "-€1.01"],
    ["8.5", "€8.50"],
  ])("round the %s of a receipt as the receipt does: %s", (amount, said) => {
    expect(format().money(amount, "EUR")).toBe(said);
  });

  it("say what is no money at all by the smallest coin", () => {
    expect([0.3, 0.6].map((amount) => format().isNoMoney(amount, "JPY"))).toEqual([true, false]);
    expect([-0.004, 0.005].map((amount) => format().isNoMoney(amount, "EUR"))).toEqual([true, false]);
  });

  it.each([
    [-300, "\u2212300 Wh"],
    [-4, "0 Wh"],
    [300, "300 Wh"],
  ])("count %d Wh against something with its sign", (wattHours, said) => {
    expect(plain(format().signedEnergy(wattHours))).toBe(said);
  });

  it.each([
    [0.99964, "99.9 %"],
    [0.5, "50.0 %"],
    [1, "100 %"],
  ])("round a share near all of it to no more than it is: %d", (share, said) => {
    expect(plain(format().percentOf(share))).toBe(said);
  });

  it("give no sign to a sum that is nothing", () => {
    expect(format().money(-0.001, "EUR")).toBe("€0.00");
  });
  it.each(["€", "EURO", "", "points"])("name a currency of a community that is none: %s", (currency) => {
    expect(plain(format().money(1.5, currency))).toBe(`1.50 ${currency}`);
  });
});

describe("times", () => {
  const now = new Date("2026-11-29T12:00:00Z");

  it("are those of the home, wherever somebody looks from", () => {
    expect(format().moment("2026-11-29T16:30:00Z", now)).toBe("17:30");
    const here = new Format(locale(), "Pacific/Auckland");
    expect(here.isElsewhere(now)).toBe(true);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(new Format(locale(), timeZone).isElsewhere(now)).toBe(false);
  });

  it.each([
    ["2026-11-30T06:00:00Z", "Mon 07:00"],
    ["2026-11-24T06:00:00Z", "Tue 07:00"],
    ["2026-12-06T16:00:00Z", "Dec 6, 17:00"],
    ["2026-11-22T16:00:00Z", "Nov 22, 17:00"],
  ])("name the day when it is another, by its date where it could be another week's: %s", (at, said) => {
    expect(format().moment(at, now)).toBe(said);
  });

  it("name the day of a span once", () => {
    expect(format().span("2026-11-30T06:00:00Z", "2026-11-30T07:00:00Z", now)).toBe("Mon 07:00–08:00");
  });

  it.each(["en", "en-GB", "nl", "de", "fr", "pt", "pt-BR"])("begin a day at 00:00 and at 12:00 am in %s", (language) => {
    const [midnight, noon] = ["2026-11-29T23:05:00Z", "2026-11-29T11:58:00Z"];
    const at24 = format({ language });
    expect([at24.time(midnight), at24.time(noon)]).toEqual(["00:05", "12:58"]);
    // An hour is written alike alone, beside a weekday and beside a date.
    expect(at24.moment("2026-12-01T00:05:00Z", new Date("2026-11-30T12:00:00Z"))).toContain("01:05");
    expect(at24.moment("2026-12-24T00:05:00Z", new Date("2026-11-30T12:00:00Z"))).toContain("01:05");
    const at12 = format({ language, time_format: "12" });
    expect([at12.time(midnight), at12.time(noon)].map((time) => time.slice(0, 5))).toEqual(["12:05", "12:58"]);
  });

  it("are those of the browser where it does not know the home's zone", () => {
    const unknown = new Format(locale(), "America/Coyhaique_II");
    expect(unknown.time(now)).toBe(new Format(locale(), undefined).time(now));
    expect(unknown.isElsewhere(now)).toBe(false);
  });

  it.each([
    ["en", "24", "01:15"],
    ["en", "24", "00:15", "2026-11-29T23:15:00Z"],
    ["en", "12", "12:15 AM", "2026-11-29T23:15:00Z"],
    ["de", "12", "5:30 PM", "2026-11-29T16:30:00Z"],
  ])("in %s by a clock of %s hours are told as %s", (language, time_format, said, at = "2026-11-29T00:15:00Z") => {
    expect(plain(format({ language, time_format }).time(at))).toBe(said);
  });

  it("of a wish belong to no day and no zone, and are told by the user's clock", () => {
    expect([format().clock("07:00"), plain(format({ time_format: "12" }).clock("19:30"))]).toEqual(["07:00", "7:30 PM"]);
  });

  it("of a wish are quarter-hours, and what was set to the minute", () => {
    expect(timesOfDay(null)).toHaveLength(96);
    expect(timesOfDay("07:00")).toEqual(timesOfDay(null));
    expect(timesOfDay("06:50").slice(26, 30)).toEqual(["06:30", "06:45", "06:50", "07:00"]);
  });

  it("take the clock from the browser where the user chose so, and the words from the user", () => {
    const ofBrowser = new Date("2026-11-29T16:30:00Z").toLocaleTimeString([], { timeZone: "UTC" });
    const told = format({ language: "de", time_format: "system" });
    expect(told.day("2026-11-30T06:00:00Z")).toBe("Mo., 30. Nov.");
    expect(told.time("2026-11-29T16:30:00Z")).toContain(ofBrowser.includes("16") ? "17:30" : "5:30");
  });

  it("name days in the language of the texts, and tell numbers and hours as the user's language does", () => {
    expect(format({ language: "he" }).day("2026-11-30T06:00:00Z")).toBe("Mon, Nov 30");
    const japanese = format({ language: "ja", time_format: "language" });
    expect([japanese.time("2026-11-29T16:30:00Z"), format({ language: "sv" }).number(1.5, 1)]).toEqual(["17:30", "1,5"]);
  });

  it("tell both ends of a day's hours, unless they are within a minute", () => {
    const hours = (end: string) => format().hours("2026-11-29T12:00:05Z", `2026-11-29T${end}Z`);
    expect([hours("13:30:00"), hours("12:00:45"), hours("11:45:00")]).toEqual(["13:00–14:30", "13:00", "13:00"]);
  });

  it("tell the day of an end that is on another day than the beginning", () => {
    const at = new Date("2026-11-30T09:00:00Z");
    expect(format().span("2026-11-30T20:00:00Z", "2026-12-01T05:00:00Z", at)).toBe("21:00–Tue 06:00");
  });

  it("follow the hours of the clock when it changes", () => {
    expect(format().time("2026-10-25T00:30:00Z")).toBe("02:30");
    expect(format().time("2026-10-25T01:30:00Z")).toBe("02:30");
    expect(format().span("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", now)).toBe("02:00 GMT+2–02:00 GMT+1");
    expect(format().span("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", now)).toBe("Oct 25, 02:00–03:00");
  });

  it.each([
    [30, "1 min"],
    [-5, "0 min"],
    [-120, "0 min"],
    [5_400, "1 h 30 min"],
    [7_200, "2 h"],
  ])("last: %d s are %s", (seconds, said) => {
    expect(plain(format().minutes(seconds))).toBe(said);
  });
});
