// One half of a session as a process runs it: prepare, meet the partner, run the pipeline, give the result.
import { prepareReceiver, prepareSender } from "@halfroom/prepare";
import { connect, listen } from "@halfroom/transport";
import { openChannel, ProtocolError, type Frames, type OpenChannel } from "@halfroom/wire";
import type { HalfEvent, HalfOptions, HalfResult } from "./half.types.ts";
import { runReceiver, runSender, type Observer, type SessionInput } from "./pipeline.ts";
import { tableOf } from "./released.ts";
import { StageClock } from "./stage-clock.ts";
import { closeThreads, openThreads } from "./threads.ts";

/**
 * Rejects with `InputError` for this side's data, `AddressError` for an address that it cannot listen on and
 * `ProtocolError` for anything between the two sides.
 */
export async function runHalf(
  options: HalfOptions,
  onEvent: (event: HalfEvent) => void = () => {},
): Promise<HalfResult> {
  const clock = new StageClock();
  const threads = await openThreads(options.threads);
  try {
    const data = await clock.time("prepare", () => prepare(options));
    const { rows, people, dropped } = data.counts;
    onEvent({ type: "prepared", rows, people });
    const frames = await clock.time("connect", () => meet(options, onEvent));
    const ch = openChannel(frames, options.role);
    const observe = observer(clock, ch, onEvent);
    try {
      const input = { terms: options.terms, policy: options.policy, ...threads, observe };
      const { agreement, report } = await data.run(ch, input);
      await ch.close();
      const partnerPeople = options.role === "sender" ? agreement.receiverPeople : agreement.senderPeople;
      const session = Buffer.from(agreement.session).toString("hex");
      const { stages, seconds } = clock;
      const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
      return {
        role: options.role,
        session,
        table: tableOf(report!),
        rows,
        people,
        partnerPeople,
        dropped,
        stages,
        seconds,
        peakMemoryBytes,
      };
    } catch (error) {
      await ch.abort(error);
      throw error;
    }
  } finally {
    await closeThreads(threads);
  }
}

/** This side's people, and the role that works on them. */
async function prepare({ role, file, terms }: HalfOptions) {
  const { measures } = terms;
  if (role === "sender") {
    const data = await prepareSender(file, { match: "email", measures });
    return { counts: data, run: (ch: OpenChannel, input: SessionInput) => runSender(ch, data, input) };
  }
  const data = await prepareReceiver(file, { match: "email", groupBy: terms.partitions[0] ?? [] });
  return { counts: data, run: (ch: OpenChannel, input: SessionInput) => runReceiver(ch, data, input) };
}

async function meet(options: HalfOptions, onEvent: (event: HalfEvent) => void): Promise<Frames> {
  const { peer, timeoutMs } = options;
  const limits = { idleMs: timeoutMs };
  if ("connect" in peer) return connect(peer.connect, { ...limits, waitMs: timeoutMs });
  const { host, port } = splitAddress(peer.listen);
  const listener = await listen({ ...limits, host, port, waitMs: timeoutMs });
  onEvent({ type: "listening", address: listener.address });
  try {
    return await listener.accept();
  } finally {
    await listener.close();
  }
}

function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(":");
  const port = Number(address.slice(at + 1));
  if (at <= 0 || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new ProtocolError("refused", `"${address}" is not HOST:PORT`);
  }
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port };
}

function observer(clock: StageClock, ch: OpenChannel, onEvent: (event: HalfEvent) => void): Observer {
  return {
    stage(name, state) {
      if (state === "started") clock.start(name, ch);
      else clock.stop(ch);
      onEvent({ type: "stage", name, state });
    },
    progress: (name, done, total) => onEvent({ type: "progress", name, done, total }),
    divide: (costs) => clock.divide(costs),
  };
}
