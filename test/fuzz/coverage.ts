// Which code an input ran, as V8 counts it: block by block, in the sources that a target names. Jazzer.js would bring libFuzzer, but its
// native part asks for a newer C library (2.38) than long-term distributions have.
import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";

export class Coverage {
  readonly #session = new Session();
  readonly #sources: RegExp;
  /** For each function, by script and place, the bytes of its text that have run. */
  readonly #seen = new Map<string, Uint8Array>();
  /** What `hasNew` has changed of it, as it was. */
  #before = new Map<string, Uint8Array | undefined>();

  constructor(sources: RegExp) {
    this.#sources = sources;
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** How many functions have run in part at least. */
  get functions(): number {
    return this.#seen.size;
  }

  /** Whether anything has run since the last call that never ran before. */
  hasNew(): boolean {
    const taken = this.#post("Profiler.takePreciseCoverage") as Profiler.TakePreciseCoverageReturnType;
    this.#before = new Map();
    for (const { scriptId, url, functions } of taken.result)
      if (this.#sources.test(url)) for (const { ranges } of functions) this.#add(scriptId, ranges);
    return this.#before.size > 0;
  }

  /** Takes back what the last call of `hasNew` has learnt. */
  forget(): void {
    for (const [key, before] of this.#before)
      if (before === undefined) this.#seen.delete(key);
      else this.#seen.set(key, before);
  }

  close(): void {
    this.#post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  /** Ranges lie in each other, the outer one first; the innermost that holds a byte says whether it ran. */
  #add(scriptId: string, ranges: readonly Profiler.CoverageRange[]): void {
    const [whole] = ranges as [Profiler.CoverageRange];
    if (whole.count === 0) return;
    const length = whole.endOffset - whole.startOffset;
    const ran = new Uint8Array(length);
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(Math.min(count, 1), startOffset - whole.startOffset, endOffset - whole.startOffset);
    const key = `${scriptId} ${whole.startOffset} ${whole.endOffset}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined && ran.every((each, i) => each <= seen[i]!)) return;
    this.#before.set(key, seen);
    this.#seen.set(key, seen === undefined ? ran : ran.map((each, i) => each | seen[i]!));
  }

  /** The inspector of one's own thread answers before `post` returns. */
  #post(method: string, params: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}
