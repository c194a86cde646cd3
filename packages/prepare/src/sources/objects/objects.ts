// The objects of a store that a source means, found and copied: the engine reads files, and none of its own accord from a network.
import { join } from "node:path";
import type { Files } from "../files.ts";
import type { FileKind } from "../kinds.ts";
import { chosenKeys, objectPlace, prefixOf } from "./names.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

/** Objects copied at the same time. */
const COPIES_AT_ONCE = 4;

export class SourceObjects {
  readonly #folder: string;
  readonly #found = new Map<string, StoredObject>();
  #store: ObjectStore | undefined;

  /** `folder`: where copies go; only this user may enter it, and it is removed with them. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The names of the objects that a path means. Throws `InputError`. */
  async find(kind: FileKind, path: string): Promise<Pick<Files, "paths" | "passedOver">> {
    const { bucket, key } = objectPlace(path);
    const objects = await (await this.#opened()).list(bucket, prefixOf(key));
    const { paths, passedOver } = chosenKeys(kind, path, key, [...objects.keys()]);
    const nameOf = (each: string) => objects.get(each)!.name;
    for (const each of paths) this.#found.set(nameOf(each), objects.get(each)!);
    return { paths: paths.map(nameOf), passedOver: passedOver.map(nameOf) };
  }

  /** Copies those of the names that were found, and says where the copies are. Throws `InputError`. */
  async copies(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const copies = new Map<string, string>();
    const waiting = names.flatMap((name) => this.#found.get(name) ?? []).entries();
    let failure: { readonly error: unknown } | undefined;
    const copyAll = async (): Promise<void> => {
      for (const [index, object] of waiting) {
        if (failure !== undefined) return;
        const path = join(this.#folder, `object-${index}`);
        try {
          await (await this.#opened()).copy(object, path);
          copies.set(object.name, path);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    // All of them are waited for, so that nothing is written any more when the folder goes.
    await Promise.all(Array.from({ length: COPIES_AT_ONCE }, copyAll));
    if (failure !== undefined) throw failure.error;
    return copies;
  }

  close(): void {
    this.#store?.close();
  }

  /** The client is large, and loaded only where there is something to ask. */
  async #opened(): Promise<ObjectStore> {
    if (this.#store === undefined) {
      const { ObjectStore: Store } = await import("./store.ts");
      this.#store ??= new Store();
    }
    return this.#store;
  }
}
