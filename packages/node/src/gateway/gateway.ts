// A gateway as a process: what it passes on to a leader, what it turns away, and what its operator sees of both.
import { openGateway, type Gateway, type TurnedAway } from "@halfroom/transport";
import { ProtocolError } from "@halfroom/wire";
import type { Logger } from "pino";
import { Counter, Gauge, Registry } from "prom-client";
import { gatewayLimits, inFront, type GatewaySettings } from "../config/schema.ts";
import { codeOf, OperatorError, safeWords } from "../errors.ts";
import { openAdmin } from "../serve/admin.ts";
import { QuietLog } from "../serve/quiet-log.ts";

export interface RunningGateway {
  /** HOST:PORT for partners. */
  readonly address: string;
  readonly admin: string;
  /** Ends all connections. */
  close(): void;
}

/** `leader`: HOST:PORT, where it listens for partners. Errors: `listen`. */
export async function startGateway(
  settings: GatewaySettings,
  leader: string,
  log: Logger,
): Promise<RunningGateway> {
  const registry = new Registry();
  const quiet = new QuietLog(log);
  const refused = new Counter({
    name: "halfroom_connections_refused_total",
    help: "Connections that were dropped here and not passed on, by reason.",
    labelNames: ["why"] as const,
    registers: [registry],
  });
  const onFault = (words: string) => (error: Error) =>
    quiet.warn(words, { code: codeOf(error), words: safeWords(error) }, words);
  const options = {
    listen: settings.listen,
    leader,
    door: gatewayLimits(settings),
    isInFront: inFront(settings),
    onTurnedAway: (why: TurnedAway) => {
      refused.inc({ why });
      quiet.warn(`refused ${why}`, { why }, "connection refused");
    },
    onLeader: (isThere: boolean) =>
      isThere
        ? log.info({ leader }, "the leader answers again")
        : log.warn({ leader }, "the leader does not answer"),
    onFault: onFault("a connection could not be accepted"),
  };
  const gateway = await opened(options);
  trafficMetrics(registry, gateway);
  try {
    const admin = await openAdmin({
      address: settings.admin,
      hosts: settings.admin_hosts,
      registry,
      unready: () => (gateway.isLeaderThere ? undefined : "the leader does not answer"),
      onFault: onFault("the operator's port could not answer"),
    });
    log.info({ listen: gateway.address, admin: admin.address, leader }, "ready");
    return {
      address: gateway.address,
      admin: admin.address,
      close() {
        gateway.close();
        admin.close();
        quiet.end();
        log.info("ended");
      },
    };
  } catch (error) {
    gateway.close();
    throw error;
  }
}

async function opened(options: Parameters<typeof openGateway>[0]): Promise<Gateway> {
  try {
    return await openGateway(options);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const words = `Cannot listen on ${options.listen} (${codeOf(cause.cause)}); choose another \`listen\` (HALFROOM_LISTEN).`;
    throw new OperatorError("listen", words, { cause });
  }
}

function trafficMetrics(registry: Registry, gateway: Gateway): void {
  const registers = [registry];
  new Gauge({
    name: "halfroom_gateway_connections",
    help: "Connections that are passed on now.",
    registers,
    collect() {
      this.set(gateway.traffic.connections);
    },
  });
  new Counter({
    name: "halfroom_gateway_bytes_total",
    help: "Bytes passed on: in, from callers; out, to them.",
    labelNames: ["direction"] as const,
    registers,
    collect() {
      const { bytesIn, bytesOut } = gateway.traffic;
      this.reset();
      this.inc({ direction: "in" }, bytesIn);
      this.inc({ direction: "out" }, bytesOut);
    },
  });
}
