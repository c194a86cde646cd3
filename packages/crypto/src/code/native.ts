// The moves of the code by the native add-on.
import { loadNativeCode, type NativeCode } from "@halfroom/crypto-native";
import { bytesOf } from "../bits.ts";
import type { CodeEngine } from "./engine.ts";

const NONE = new Uint32Array(0);

/** `native`: a parameter for tests alone. Undefined where there is no add-on. */
export function nativeCode(native: NativeCode | undefined = loadNativeCode()): CodeEngine | undefined {
  if (native === undefined) return undefined;
  return {
    compress(vector, room, [first, second], out) {
      native.sum(bytesOf(vector));
      native.gather(bytesOf(vector), bytesOf(room), first);
      native.fold(bytesOf(room), bytesOf(out), second);
    },
    takeLowBits: (blocks, bits = NONE) => native.takeLowBits(bytesOf(blocks), bytesOf(bits)),
  };
}
