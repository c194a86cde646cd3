// A sink as one of those that are told: of reports that are there, with their numbers.
import { OperatorError } from "../errors.ts";
import { Undelivered } from "../events/attempt.ts";
import type { StoredEvent } from "../events/events.ts";
import type { Target } from "../events/targets.ts";
import type { NodeState } from "../node-state.ts";
import { databaseSink } from "./database.ts";
import { folderSink, objectSink } from "./files.ts";
import { hasNumbers, linesOf } from "./lines.ts";
import { kindOf, TABLE_DEFAULT, type Sink } from "./settings.ts";

type Sending = Pick<NodeState, "folder" | "reports" | "askedSinks">;

export function sinkTarget({ folder, reports, askedSinks }: Sending, name: string, sink: Sink): Target {
  const kind = kindOf(sink);
  const writer =
    kind === "folder"
      ? folderSink(folder, sink)
      : kind === "s3"
        ? objectSink(sink)
        : databaseSink(folder, name, sink);
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
    check: async () => await writer.check(),
    async send({ type, facts }) {
      // Nothing is written for a test.
      if (type === "test") return await writer.check();
      if (type !== "session.done")
        throw new OperatorError(
          "no-event",
          "a sink takes reports alone: halfroom reports send writes one to it.",
        );
      const report = reports.get(facts.session);
      if (report === undefined) throw new Undelivered("the report has been deleted", { isFinal: true });
      await writer.write(report.session, linesOf(report));
    },
  };
}
