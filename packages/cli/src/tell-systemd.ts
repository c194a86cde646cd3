// Tells systemd how far a service is (sd_notify(3), `Type=notify`), through systemd's own program: Node has no datagram sockets of the file
// system. Does nothing where nobody waits for it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { OperatorError } from "./failure.ts";

/** It answers partners, or takes blocks. Errors: `process`, if it cannot be told: systemd would end the service after a while. */
export async function tellReady(): Promise<void> {
  const why = await told("READY=1");
  if (why === undefined) return;
  const remedy = "install it, or write Type=exec instead of Type=notify into the unit";
  throw new OperatorError(
    "process",
    `systemd cannot be told that this is ready: systemd-notify ${why}; ${remedy}.`,
  );
}

/** It is ending, which may take as long as what is running. */
export async function tellStopping(): Promise<void> {
  await told("STOPPING=1");
}

/** What kept it from being told; undefined if nothing did, or if nobody waits. */
async function told(state: string): Promise<string | undefined> {
  if (!process.env["NOTIFY_SOCKET"]) return undefined;
  const child = spawn("systemd-notify", [state], { stdio: "ignore" });
  try {
    const [exitCode] = (await once(child, "close")) as [number | null];
    return exitCode === 0 ? undefined : `ended with ${exitCode}`;
  } catch (error) {
    return `cannot be run (${(error as NodeJS.ErrnoException).code})`;
  }
}
