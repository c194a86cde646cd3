// The one place where the program writes. Much of what it prints was written by others: by the partner, by a file, by whoever
// edited a file of the node. Nothing that a terminal would obey gets through.
import { plainJson, printable, withEscapes } from "@halfroom/report";

/** A line or more on stdout. */
export function say(text: string): void {
  write(process.stdout, shown(text));
}

/** A line or more on stderr, for whoever watches. */
export function tell(text: string): void {
  write(process.stderr, shown(text));
}

/** A question on stderr, which the cursor stays behind. */
export function ask(question: string): void {
  process.stderr.write(shown(question));
}

/** A value as JSON on stdout. */
export function sayJson(value: unknown): void {
  write(process.stdout, plainJson(value, 2));
}

/** A value as JSON on one line, on stdout. */
export function sayJsonLine(value: unknown): void {
  write(process.stdout, plainJson(value));
}

/** A value as JSON on one line of stderr. */
export function tellJson(value: unknown): void {
  write(process.stderr, plainJson(value));
}

/** A kept JSON text on stdout, as it is but for escapes. */
export function sayJsonText(json: string): void {
  process.stdout.write(withEscapes(json));
}

/** Text on stdout as it is: its own colours, the line ends of CSV. Whoever made it has made all text in it harmless. */
export function sayWhole(text: string): void {
  process.stdout.write(text);
}

function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`);
}

function shown(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
