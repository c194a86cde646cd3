// The machine on which both nodes run: one clock, one queue of all that is due, and randomness, all from a seed. Within a simulation they
// stand in the place of the process's own; nothing but the order of the queue decides what happens next.
import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, type Hash } from "node:crypto";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import promises from "node:timers/promises";
import { seededRng } from "@halfroom/testkit";
import type { Rng } from "@halfroom/crypto";

const STARTS_AT = Date.UTC(2027, 0, 4, 8);
const realImmediate = setImmediate;

/** What code throws that runs on after its process is gone. */
export class Gone extends Error {
  constructor() {
    super("the process is gone");
  }
}

/** One process of a node, from its start to its end. Code that it started knows it, wherever it goes on. */
export class Life {
  isOver = false;
  /** Calls of disk and store so far. */
  calls = 0;
  readonly name: string;
  /** By how much this side's clock is ahead, in milliseconds. */
  readonly clock: { aheadMs: number };
  readonly folder: string;
  readonly #onEnd: (() => void)[] = [];

  constructor(name: string, folder: string, clock: { aheadMs: number }) {
    this.name = name;
    this.folder = folder;
    this.clock = clock;
  }

  onEnd(work: () => void): void {
    this.#onEnd.push(work);
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const work of this.#onEnd) work();
  }
}

export const lives = new AsyncLocalStorage<Life>();

/** Decisions of a seed. */
export class Chance {
  readonly #rng: Rng;
  #words = new Uint32Array(0);
  #next = 0;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** From 0 up to 1. */
  number(): number {
    if (this.#next === this.#words.length) {
      this.#words = new Uint32Array(this.#rng.bytes(4096).buffer);
      this.#next = 0;
    }
    return this.#words[this.#next++]! / 2 ** 32;
  }

  /** 0 .. below - 1 */
  below(below: number): number {
    return Math.floor(this.number() * below);
  }

  is(probability: number): boolean {
    return this.number() < probability;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

interface Due {
  readonly at: number;
  readonly tie: number;
  work: (() => void) | undefined;
}

export class Machine {
  readonly chance: Chance;
  readonly #secrets: Rng;
  readonly #trace: Hash = createHash("sha256");
  /** The last lines of the trace. */
  readonly lines: string[] = [];
  readonly #onLine: (line: string) => void;
  /** A heap, the earliest first. */
  readonly #due: Due[] = [];
  /** Milliseconds since the start. */
  now = 0;
  /** The start, in milliseconds since 1970. */
  readonly startsAt = STARTS_AT;

  constructor(seed: string, onLine: (line: string) => void = () => undefined) {
    const rng = seededRng(seed);
    this.chance = new Chance(rng.fork("decisions"));
    this.#secrets = rng.fork("secrets");
    this.#onLine = onLine;
  }

  /** A line of what happened; no key and no digest is in it. */
  tell(line: string): void {
    const told = `${this.now.toFixed(3)} ${line}`;
    this.#trace.update(`${told}\n`);
    this.lines.push(told);
    this.#onLine(told);
  }

  /** Over all lines so far. */
  digest(): string {
    return this.#trace.copy().digest("hex").slice(0, 16);
  }

  /** Has `work` done after so many milliseconds, unless the process that asked is gone by then. Returns what cancels it. */
  after(ms: number, work: () => void): () => void {
    const life = lives.getStore();
    const due: Due = { at: this.now + Math.max(0, ms), tie: this.chance.number(), work };
    due.work = () => {
      if (life?.isOver !== true) lives.run(life as Life, work);
    };
    this.#push(due);
    return () => (due.work = undefined);
  }

  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.after(ms, resolve));
  }

  /** Lets happen what is due until `done` has settled, or for so many milliseconds. Returns whether it has settled. */
  async until(done: Promise<unknown>, ms: number): Promise<boolean> {
    const end = this.now + ms;
    let settled = false;
    const settle = () => (settled = true);
    done.then(settle, settle);
    for (;;) {
      await settling();
      if (settled) return true;
      const next = this.#due[0];
      if (next === undefined || next.at > end) {
        this.now = end;
        return false;
      }
      this.#shift();
      if (next.work === undefined) continue;
      this.now = next.at;
      next.work();
    }
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    await this.until(new Promise(() => undefined), ms);
  }

  #push(due: Due): void {
    const heap = this.#due;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #shift(): void {
    const heap = this.#due;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }

  /** Puts this machine in the place of the process's clock, timers and randomness. Returns what takes it away again. */
  install(): () => void {
    const RealDate = Date;
    const timeNow = () => STARTS_AT + Math.floor(this.now) + (lives.getStore()?.clock.aheadMs ?? 0);
    class MachineDate extends RealDate {
      constructor(...args: []) {
        super(...((args.length === 0 ? [timeNow()] : args) as []));
      }
      static override now(): number {
        return timeNow();
      }
    }
    const once = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      timer((again) => this.after(ms, () => (again(undefined), work(...args))));
    const repeated = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      timer((again) => {
        const turn = () => this.after(ms, () => (again(turn()), work(...args)));
        return turn();
      });
    const clear = (handle: unknown) => (handle as { cancel?: () => void } | undefined)?.cancel?.();
    const replaced: [target: object, members: Record<string, unknown>][] = [
      [
        globalThis,
        {
          Date: MachineDate,
          setTimeout: once,
          setInterval: repeated,
          clearTimeout: clear,
          clearInterval: clear,
          setImmediate: (work: (...args: unknown[]) => void, ...args: unknown[]) => once(work, 0, ...args),
          clearImmediate: clear,
        },
      ],
      [performance, { now: () => this.now }],
      [
        promises,
        {
          setTimeout: async (ms = 0, value?: unknown) => (await this.wait(ms), value),
          setImmediate: async (value?: unknown) => (await this.wait(0), value),
        },
      ],
      [
        crypto,
        {
          randomBytes: (length: number) => Buffer.from(this.#secrets.bytes(length)),
          randomFillSync: (bytes: Uint8Array) => (bytes.set(this.#secrets.bytes(bytes.length)), bytes),
        },
      ],
    ];
    return replace(replaced);
  }
}

/** Puts members in the place of others, of modules of Node too. Returns what puts the others back. */
export function replace(replaced: readonly [target: object, members: Record<string, unknown>][]): () => void {
  const before = replaced.flatMap(([target, members]) =>
    Object.entries(members).map(([name, value]) => {
      const own = Object.getOwnPropertyDescriptor(target, name);
      Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true });
      return () => {
        if (own === undefined) delete (target as Record<string, unknown>)[name];
        else Object.defineProperty(target, name, own);
      };
    }),
  );
  syncBuiltinESMExports();
  return () => {
    for (const restore of before.reverse()) restore();
    syncBuiltinESMExports();
  };
}

function timer(start: (again: (cancel: (() => void) | undefined) => void) => () => void) {
  let cancel: (() => void) | undefined;
  const handle = {
    cancel: () => cancel?.(),
    ref: () => handle,
    unref: () => handle,
    hasRef: () => false,
    [Symbol.toPrimitive]: () => 0,
  };
  cancel = start((next) => (cancel = next));
  return handle;
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/** Until no promise has anything left to do. */
async function settling(): Promise<void> {
  await new Promise<void>((resolve) => realImmediate(resolve));
}
