// `halfroom demo`: invented people, a real rehearsal, and a check against the plain join.
import { join } from "node:path";
import { plainJoin, difference } from "../demo/plain-join.ts";
import { inventPeople } from "../demo/people.ts";
import { writeLines } from "../demo/write-lines.ts";
import { OperatorError } from "../failure.ts";
import { wholeNumber } from "../flags.ts";
import type { DemoFlags } from "../flags.ts";
import { say, tell } from "../print.ts";
import { makeFolder, orBadInput, printReport, writeReports, writeWhole } from "../output.ts";
import { shortOutput, reportOfReceiver } from "../rehearsal/output.ts";
import { rehearseShort } from "../rehearsal/short-form.ts";
import { showSteps, tellDropped } from "../rehearsal/show.ts";
import { stageTable } from "../stage-table.ts";

const ROWS_MAX = 10_000_000;
const LABELS = { ours: "sender", theirs: "receiver" };

export async function demoCommand(flags: DemoFlags): Promise<void> {
  const senderRows = wholeNumber("sender-rows", flags["sender-rows"], 1, ROWS_MAX);
  const receiverRows = wholeNumber("receiver-rows", flags["receiver-rows"], 1, ROWS_MAX);
  const sender = join(flags.out, "demo-conversions.csv");
  const receiver = join(flags.out, "demo-exposures.csv");
  await makeFolder(flags.out);
  const { conversions, exposures } = inventPeople(flags.seed, senderRows, receiverRows);
  await orBadInput(
    flags.out,
    writeWhole(sender, (draft) => writeLines(draft, conversions)),
  );
  await orBadInput(
    flags.out,
    writeWhole(receiver, (draft) => writeLines(draft, exposures)),
  );

  const rehearsal = await rehearseShort(
    {
      ...flags,
      match: ["email"],
      // The plain join uses the same bounds.
      measure: ["amount:0:500:2", "orders:0:10:0"],
      "group-by": ["campaign,age_band"],
      exact: true,
    },
    { sender, receiver },
    showSteps(LABELS, flags.progress),
  );
  tellDropped(rehearsal, LABELS);
  const output = shortOutput(rehearsal);
  await writeReports(flags.out, output);
  printReport(output, flags.json);

  const fault = difference(reportOfReceiver(rehearsal), await plainJoin(sender, receiver));
  if (fault !== undefined) {
    throw new OperatorError(
      "wrong-result",
      `The report differs from a plain join of the two files:\n${fault}.`,
    );
  }
  const note = flags.json ? tell : say;
  note("Checked: the report equals a plain join of the two files.\n");
  note(stageTable(rehearsal.details));
  note(
    `\nThe two files and the report are in ${flags.out}: demo-conversions.csv, demo-exposures.csv, report.json, report.csv.`,
  );
}
