// `halfroom worker`: computes blocks for a leader on another machine, and `halfroom worker enrol`, once before.
import { enrolWorker, groupedFingerprint, work } from "@halfroom/node";
import { say, tell } from "../../print.ts";
import { firstSignal } from "../../stop-signal.ts";
import { tellReady, tellStopping } from "../../tell-systemd.ts";
import type { HomeFlags } from "./folder.ts";

export async function workerCommand(flags: HomeFlags & { threads: number | undefined }): Promise<void> {
  const working = await work(flags.home, { threads: flags.threads });
  const told = firstSignal();
  try {
    await tellReady();
    await told;
    await tellStopping();
  } finally {
    await working.close();
  }
}

export async function workerEnrolCommand(flags: HomeFlags & { name: string }): Promise<void> {
  const { folder, fingerprint, request } = await enrolWorker(flags.home, { name: flags.name });
  say(request);
  tell(
    `The worker is in ${folder}. The line above is no secret; at the leader type halfroom cluster add with it,`,
  );
  tell(`and compare the fingerprint that it shows with: ${groupedFingerprint(fingerprint)}`);
}
