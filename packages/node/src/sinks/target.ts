// A sink as one of those that are told: of reports that are there, with their numbers.
import { OperatorError } from "../errors.ts";
import { Undelivered } from "../events/attempt.ts";
import type { StoredEvent } from "../events/events.ts";
import type { Target } from "../events/targets.ts";
import type { NodeState } from "../node-state.ts";
import { hasNumbers, linesOf, type SinkLine } from "./lines.ts";
import { kindOf, TABLE_DEFAULT, type Sink } from "./settings.ts";

type Sending = Pick<NodeState, "folder" | "scratch" | "reports" | "askedSinks">;

export interface SinkWriter {
  /** Looks whether it could be written to, and leaves nothing. Errors: `Undelivered`. */
  check(): Promise<void>;
  /** All lines or none, in place of what is there of the session. Errors: `Undelivered`. */
  write(session: string, lines: readonly SinkLine[]): Promise<void>;
}

export function sinkTarget(node: Sending, name: string, sink: Sink): Target {
  const { reports, askedSinks } = node;
  const kind = kindOf(sink);
  const writer = async () => await writerOf(node, name, sink);
  const place = sink.folder ?? sink.s3 ?? `table ${sink.table ?? TABLE_DEFAULT}`;
  const isAsked = (id: string) => sink.send === "every" || askedSinks.of(id) === name;
  return {
    name,
    kind,
    place,
    events: ["session.done"],
    wants({ type, facts }: StoredEvent) {
      if (type !== "session.done" || !isAsked(facts.id)) return false;
      const report = reports.get(facts.session);
      return report !== undefined && hasNumbers(report.json);
    },
    check: async () => await (await writer()).check(),
    async send({ type, facts }) {
      // Nothing stays of a test.
      if (type === "test") return await (await writer()).check();
      if (type !== "session.done")
        throw new OperatorError(
          "no-event",
          "a sink takes reports alone: halfroom reports send writes one to it.",
        );
      const report = reports.get(facts.session);
      if (report === undefined) throw new Undelivered("the report has been deleted", { isFinal: true });
      await (await writer()).write(report.session, linesOf(report));
    },
  };
}

/** Drivers and clients are loaded for the sinks that there are. */
async function writerOf(node: Sending, name: string, sink: Sink): Promise<SinkWriter> {
  switch (kindOf(sink)) {
    case "folder":
      return (await import("./folder.ts")).folderSink(node, sink);
    case "s3":
      return (await import("./object.ts")).objectSink(node, sink);
    default:
      return (await import("./database.ts")).databaseSink(node.folder, name, sink);
  }
}
