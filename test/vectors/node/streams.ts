// A stream of a shard's own (protocol-spec.md, sections 6.6, 8.1 and 11.0): the terms that ask for it, what both sides say of its ends, the names of
// servers under which it is dialled, and the head of its frames. The sender proposes, and so dials.
import { serverNameOf } from "../../../packages/transport/src/front/stream-name.ts";
import { encodeTerms, requestDigest, type Terms } from "../../../packages/session/src/terms/terms.ts";
import { laneOf, talkLane } from "../../../packages/session/src/shards/lane-numbers.ts";
import { encodeFrame, type Message } from "@halfroom/wire";
import { fixedBytes } from "./identities.ts";
import { EXACT } from "./terms.ts";
import { hex, text } from "./text.ts";

const SHARDS = 300;
const SHARD = 299;
/** A name that leaves room for no stream's name before it. */
const LONG_HOST = `${"a".repeat(63)}.`.repeat(3) + "a".repeat(40);
const ADDRESSES = ["node.example:7443", "192.0.2.9:443", "[2001:db8::9]:7443", `${LONG_HOST}:7443`];

export function streamsVector() {
  const terms: Terms = { ...EXACT, streams: "own" };
  const name = new Uint8Array(fixedBytes("a stream's name").subarray(0, 16));
  const certificates = { sender: fixedBytes("dialler"), receiver: fixedBytes("listener") };
  const first = (message: Message) => hex(laneFrame(talkLane(SHARDS), encodeFrame(0, message)));
  return {
    terms: text(encodeTerms(terms)),
    request: requestDigest(terms),
    shards: SHARDS,
    shard: SHARD,
    name: hex(name),
    fingerprints: { sender: hex(certificates.sender), receiver: hex(certificates.receiver) },
    frames: {
      sender: first({ type: "streamDials", shard: SHARD, fingerprint: certificates.sender }),
      receiver: first({ type: "streamListens", shard: SHARD, name, fingerprint: certificates.receiver }),
    },
    serverNames: ADDRESSES.map((address) => ({ address, serverName: serverNameOf(hex(name), address) })),
    head: hex(laneFrame(laneOf(SHARD, 0, SHARDS), new Uint8Array(0))),
  };
}

function laneFrame(lane: number, frame: Uint8Array): Uint8Array {
  return Uint8Array.of(0xcd, lane >>> 8, lane & 0xff, ...frame);
}
