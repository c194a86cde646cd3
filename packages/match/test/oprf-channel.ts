import type { Channel, Message } from "@halfroom/wire";

type Bulk = { type: "blinded" | "evaluated"; data: Uint8Array; proof?: Uint8Array };
/** Sees and may change the data of each message of one direction, by its index; a proof is changed in place. */
export type Tamper = (data: Uint8Array, index: number, proof?: Uint8Array) => Uint8Array;

/**
 * Two ends of a channel in memory. `log` holds side, type and length of
 * each message in the order of sending. It keeps every message until it is received and never pushes back.
 */
export function memoryChannel(toSender: Tamper = (d) => d, toReceiver: Tamper = (d) => d) {
  const log: string[] = [];
  const forth = new Queue<Bulk>();
  const back = new Queue<Bulk>();
  const end = (name: string, out: Queue<Bulk>, incoming: Queue<Bulk>, tamper: Tamper): Channel => {
    let sent = 0;
    return {
      async send(message) {
        const { type, data, proof } = message as unknown as Bulk;
        log.push(`${name} ${type} ${data.length}${proof === undefined ? "" : ` + ${proof.length}`}`);
        const sealed = proof?.slice();
        out.push({
          type,
          data: tamper(new Uint8Array(data), sent++, sealed),
          ...(sealed && { proof: sealed }),
        });
      },
      async recv<T extends Message["type"]>(type: T) {
        const message = await incoming.shift();
        if (message.type !== type) throw new Error(`unexpected ${message.type}`);
        return message as unknown as Message<T>;
      },
    };
  };
  return {
    log,
    receiverEnd: end("receiver", forth, back, toSender),
    senderEnd: end("sender", back, forth, toReceiver),
  };
}

class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  push(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  async shift(): Promise<T> {
    return this.#items.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
  }
}
