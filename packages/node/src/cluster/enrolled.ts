// The workers that a node's owner has added: to these, and to no others, the keys of sessions are sealed.
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { assertWorkerName, workerId, type WorkerIdentity } from "./credential.ts";

export interface EnrolledWorker extends WorkerIdentity {
  /** Of its public key: 32 hexadecimal digits. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
}

interface Row {
  name: string;
  public_key: Uint8Array;
  added_at: number;
}

export class EnrolledWorkers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** By name. */
  list(): EnrolledWorker[] {
    return this.#store.all<Row>("SELECT * FROM worker ORDER BY name").map((row) => ({
      name: row.name,
      publicKey: row.public_key,
      id: workerId(row.public_key),
      addedAt: row.added_at,
    }));
  }

  /** Errors: `name`; `name-taken`, if another worker has the name, or this one another name. */
  add({ name, publicKey }: WorkerIdentity, now: number): void {
    assertWorkerName(name);
    this.#store.transaction(() => {
      const same = this.list().find(({ id }) => id === workerId(publicKey));
      if (same !== undefined)
        throw new OperatorError("name-taken", `This worker has been added already, as ${quoted(same.name)}.`);
      if (this.list().some((worker) => worker.name === name))
        throw new OperatorError(
          "name-taken",
          `There is a worker ${quoted(name)} already; choose another --name.`,
        );
      this.#store.run(
        "INSERT INTO worker (name, public_key, added_at) VALUES (?, ?, ?)",
        name,
        publicKey,
        now,
      );
    });
  }

  /** Errors: `no-worker`. */
  remove(name: string): void {
    if (this.#store.run("DELETE FROM worker WHERE name = ?", name) > 0) return;
    const names = this.list().map((worker) => worker.name);
    const known = names.length === 0 ? "None has been added." : `There are: ${names.join(", ")}.`;
    throw new OperatorError("no-worker", `There is no worker ${quoted(name)}. ${known}`);
  }
}
