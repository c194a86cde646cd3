// Ports for the programs that tests start. The kernel's own choice, listening on port 0 and closing again, may be given to any connection of
// this machine before the program listens: these are ports that it gives to no connection, and each goes to one test process alone.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Connections get ports from 32768 on (Linux, ip_local_port_range), or from 49152 on elsewhere. */
export const PORTS = { first: 15_000, end: 32_768 };

const HOST = "127.0.0.1";
let next = Math.floor(Math.random() * (PORTS.end - PORTS.first));

/** A loopback port on which nothing listens, and which no other call gives, in any process, until this one ends. */
export async function freePort(): Promise<number> {
  const count = PORTS.end - PORTS.first;
  for (let tries = 0; tries < count; tries++) {
    const port = PORTS.first + (next++ % count);
    if ((await reserves(port)) && (await canListen(port))) return port;
  }
  throw new Error(`no port from ${PORTS.first} to ${PORTS.end - 1} is free`);
}

/** Whether it is this process's from now on. What says so is UDP's port of that number, which no program of a test needs: however this process ends, the system frees it. */
async function reserves(port: number): Promise<boolean> {
  const socket = createSocket("udp4").bind({ port, address: HOST, exclusive: true });
  try {
    await once(socket, "listening");
  } catch {
    return false;
  }
  socket.unref();
  return true;
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, HOST);
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
