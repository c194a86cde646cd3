// Text of others, numbers and moments, as they are shown. The page has no markup from data: every text becomes a text node.
import { named, printable, quoted } from "@halfroom/wire/words";

const NAME_LENGTH_MAX = 120;
const SENTENCE_LENGTH_MAX = 4000;
const MILLIONTHS = 1e6;

/** A name that somebody else may have chosen: nothing in it is obeyed or hidden, and it does not fill the page. */
export function name(text: string): string {
  return named(capped(text, NAME_LENGTH_MAX));
}

/** The same inside a sentence. */
export function inQuotes(text: string): string {
  return quoted(capped(text, NAME_LENGTH_MAX));
}

/** A sentence of the node, in which names are quoted already. */
export function sentence(text: string): string {
  return printable(capped(text, SENTENCE_LENGTH_MAX));
}

export function names(list: readonly string[], none = "none"): string {
  return list.length === 0 ? none : list.map(name).join(", ");
}

function capped(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`;
}

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 20 });

export function number(value: number): string {
  return NUMBER.format(value);
}

/** Of decimals with all their digits, which may be more than a number holds: "-1,000.50". */
export function decimal(text: string): string {
  const [, whole = "", rest = ""] = /^(-?\d+)((?:\.\d+)?)$/.exec(text) ?? [];
  return whole === "" ? name(text) : whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
}

/** Of millionths. */
export function epsilon(millionths: number): string {
  return new Intl.NumberFormat("en", { maximumFractionDigits: 3 }).format(millionths / MILLIONTHS);
}

export function percent(share: number): string {
  const value = 100 * share;
  const digits = value > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} %`;
}

const two = (part: number) => String(part).padStart(2, "0");

/** In the reader's own time zone, which it names, to the minute. */
export function moment(milliseconds: number): string {
  return `${day(milliseconds)} ${hour(milliseconds)}`;
}

/** The day of a moment, in the reader's own time zone. */
export function day(milliseconds: number): string {
  const date = new Date(milliseconds);
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
}

/** The hour of a moment, in the reader's own time zone, which it names: "20:36 UTC", "21:36 GMT+1". */
export function hour(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${two(date.getHours())}:${two(date.getMinutes())} ${zone(date)}`;
}

function zone(date: Date): string {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

const STEPS = [
  { ms: 86_400_000, one: "day" },
  { ms: 3_600_000, one: "hour" },
  { ms: 60_000, one: "minute" },
];

/** "3 hours", of a span of milliseconds. */
export function span(milliseconds: number): string {
  if (milliseconds < STEPS.at(-1)!.ms) return "less than a minute";
  const step = STEPS.find(({ ms }) => milliseconds >= 2 * ms) ?? STEPS.at(-1)!;
  return counted(Math.round(milliseconds / step.ms), step.one);
}

export function counted(count: number, one: string, several = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : several}`;
}

export function bytes(count: number): string {
  const units = ["bytes", "kB", "MB", "GB"];
  let [value, unit] = [count, 0];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const BITS = 8;

/** A speed, in the unit of lines. */
export function megabits(bytesPerSecond: number): string {
  return `${number(Number(((BITS * bytesPerSecond) / 1e6).toPrecision(2)))} Mbit/s`;
}

const SHORT = 12;

/** Of an id or a hash: enough to tell it from others, as the command line has it. */
export function short(id: string): string {
  return name(id.slice(0, SHORT));
}

/** What a fact of the log or a receipt is: a digest, of which the beginning is enough to read, a moment, or plain text. */
export function fact(label: string, value: string | number | boolean): string {
  if (typeof value === "number" && label.endsWith("At")) return moment(value);
  const text = String(value);
  return /^[0-9a-f]{64}$/.test(text) ? `${short(text)}…` : name(text);
}

/** As people compare fingerprints: in groups of four. */
export function grouped(fingerprint: string): string {
  return name(fingerprint).replace(/(.{4})(?=.)/g, "$1 ");
}
