// `halfroom half`: one side of a session, beside its own file.
import { AddressError, InputError, ProtocolError, runHalf } from "@halfroom/node";
import type { HalfEvent, HalfResult } from "@halfroom/node";
import { reportJson } from "@halfroom/report";
import { EXIT, Failure } from "../failure.ts";
import { halfOptions } from "../flags.ts";
import type { HalfFlags } from "../flags.ts";
import { droppedNote, makeFolder, printReport, writeReports } from "../output.ts";
import { showProgress } from "../progress.ts";

export async function halfCommand(flags: HalfFlags): Promise<void> {
  endWithParent();
  const options = halfOptions(flags);
  if (flags.out !== undefined) await makeFolder(flags.out);
  const result = await runHalf(options, eventSink(flags)).catch((error: unknown) => {
    throw failureOf(error);
  });
  const { table, ...details } = result;
  const json = reportJson(table, details);
  if (flags.out !== undefined) await writeReports(flags.out, table, json);
  if (flags.progress === "auto") console.error(summary(result));
  printReport(table, json, flags.json);
}

/** A half that another program started with a message channel ends when that program does, however it does. */
function endWithParent(): void {
  process.on("disconnect", () => process.exit(EXIT.protocolFailure));
  process.channel?.unref();
}

function eventSink(flags: HalfFlags): (event: HalfEvent) => void {
  if (flags.progress === "none") return () => undefined;
  if (flags.progress === "json") return (event) => console.error(JSON.stringify(event));
  const role = flags.role as HalfResult["role"];
  const show = showProgress(process.stderr, [role]);
  return (event) => show(role, event);
}

function summary({ partnerPeople, dropped, seconds }: HalfResult): string {
  const lines = [droppedNote(dropped), `partner: ${partnerPeople} people`, `${seconds.toFixed(1)} s in all`];
  return lines.filter((line) => line !== undefined).join("\n");
}

/** Errors that have words for the user become a Failure; any other stays as it is. */
function failureOf(error: unknown): unknown {
  if (error instanceof InputError) return new Failure(EXIT.badInput, error.message, { cause: error });
  if (error instanceof AddressError) {
    return new Failure(EXIT.badInput, `--listen ${error.message}; choose another.`, { cause: error });
  }
  if (error instanceof ProtocolError) return protocolFailure(error);
  return error;
}

function protocolFailure(error: ProtocolError): Failure {
  const place = error.phase === undefined ? "" : ` during ${error.phase}`;
  const who = error.fromPartner ? "the partner ended the session: " : "";
  const exitCode = error.code === "refused" ? EXIT.refused : EXIT.protocolFailure;
  return new Failure(exitCode, `${error.code}${place}: ${who}${error.message}`, { cause: error });
}
