// `halfroom gateway`: takes partners' connections in front of a leader, until it is told to end.
import { passOn } from "@halfroom/node";
import { firstSignal } from "../../stop-signal.ts";
import { tellReady, tellStopping } from "../../tell-systemd.ts";

export async function gatewayCommand({ to }: { to: string }): Promise<void> {
  const gateway = await passOn(to);
  const told = firstSignal();
  try {
    await tellReady();
    await told;
    await tellStopping();
  } finally {
    gateway.close();
  }
}
