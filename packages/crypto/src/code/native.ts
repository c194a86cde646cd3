// The moves of the code by the native add-on.
import { loadNativeCode, type NativeCode } from "@halfroom/crypto-native";
import { bytesOf } from "../bits.ts";
import type { CodeEngine } from "./engine.ts";

/** `native`: a parameter for tests alone. Undefined where there is no add-on. */
export function nativeCode(native: NativeCode | undefined = loadNativeCode()): CodeEngine | undefined {
  if (native === undefined) return undefined;
  return (vector, room) => {
    let from = bytesOf(vector);
    let to = bytesOf(room);
    const sum = new Uint8Array(16);
    return {
      scatter: (first, draws, cursors) => native.scatter(from, to, first, draws, cursors, sum),
      shuffle: (start, draws) => native.shuffle(to, start, draws),
      turn() {
        [from, to] = [to, from];
        sum.fill(0);
      },
      fold() {
        const out = new Uint32Array(from.length / 8);
        native.fold(from, bytesOf(out));
        return out;
      },
    };
  };
}
