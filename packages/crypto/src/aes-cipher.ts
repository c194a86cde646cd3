// Who computes AES-128: the native add-on, which writes into the caller's memory, where it is built, this processor has AES
// instructions and it agrees with node:crypto; otherwise node:crypto, in pieces of 16 KiB: it allocates each answer anew,
// and larger ones cost more than they save.
import { createCipheriv } from "node:crypto";
import { loadNativeAes, type AesPath, type NativeAes } from "@halfroom/crypto-native";

const PIECE_BYTES = 1 << 14;
const ZEROS = new Uint8Array(PIECE_BYTES);
const COUNTER_START = new Uint8Array(16);

/** AES-128 under one key. */
export interface BlockCipher {
  /** Encrypts each block of 16 bytes, from one array into another of equal length, or the same. */
  encrypt(from: Uint8Array, to: Uint8Array): void;
  /** The round keys, where the add-on made them. */
  readonly schedule?: Uint8Array;
}

/** An implementation of AES-128; keys are 16 bytes. */
export interface AesCipher {
  readonly name: "native" | "node:crypto";
  blocks(key: Uint8Array): BlockCipher;
  /** A function that writes the next bytes of the key stream: counter mode, counter from zero. */
  stream(key: Uint8Array): (out: Uint8Array) => void;
}

export const nodeAes: AesCipher = {
  name: "node:crypto",

  blocks(key) {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
    const encrypt = (from: Uint8Array, to: Uint8Array): void => {
      for (let start = 0; start < from.length; start += PIECE_BYTES) {
        to.set(cipher.update(from.subarray(start, start + PIECE_BYTES)), start);
      }
    };
    return { encrypt };
  },

  stream(key) {
    const cipher = createCipheriv("aes-128-ctr", key, COUNTER_START);
    return (out) => {
      for (let start = 0; start < out.length; start += PIECE_BYTES) {
        const length = Math.min(PIECE_BYTES, out.length - start);
        out.set(cipher.update(ZEROS.subarray(0, length)), start);
      }
    };
  },
};

function cipherOf({ schedule, blocks, stream }: NativeAes): AesCipher {
  return {
    name: "native",
    blocks(key) {
      const keys = schedule(key);
      return { encrypt: (from, to) => blocks(keys, to, from), schedule: keys };
    },
    stream(key) {
      const keys = schedule(key);
      let position = 0;
      return (out) => {
        stream(keys, out, position);
        position += out.length;
      };
    },
  };
}

/**
 * The add-on's functions, if they are there and agree with node:crypto. HALFROOM_KERNEL may name a kernel that is not
 * native: then nothing native is used at all.
 */
function chooseNative(kernel = process.env["HALFROOM_KERNEL"], path?: AesPath): NativeAes | undefined {
  const addon = !kernel || kernel.startsWith("native") ? loadNativeAes(path) : undefined;
  return addon && agrees(cipherOf(addon)) ? addon : undefined;
}

/** `path`: of the add-on, by default its fastest one; where that does not run, node:crypto. */
export function chooseAes(kernel?: string, path?: AesPath): AesCipher {
  const native = chooseNative(kernel, path);
  return native === undefined ? nodeAes : cipherOf(native);
}

/** Self-test: full groups of blocks, some left over, and a stream in pieces that cut blocks. */
function agrees(cipher: AesCipher): boolean {
  const key = Uint8Array.from({ length: 16 }, (_, i) => 11 * i + 1);
  const from = Uint8Array.from({ length: 41 * 16 }, (_, i) => (i * i * 7) & 255);
  const results = [cipher, nodeAes].map((aes) => {
    const blocks = new Uint8Array(from.length);
    aes.blocks(key).encrypt(from, blocks);
    const stream = new Uint8Array(733);
    const fill = aes.stream(key);
    fill(stream.subarray(0, 5));
    fill(stream.subarray(5, 190));
    fill(stream.subarray(190));
    return Buffer.concat([blocks, stream]);
  });
  return results[0]!.equals(results[1]!);
}

export const nativeAes = chooseNative();
const chosen = nativeAes === undefined ? nodeAes : cipherOf(nativeAes);

export const openBlocks = chosen.blocks;
export const openStream = chosen.stream;
