// Every decoder of bytes that come from a partner, or from a file that a partner or an auditor hands over.
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { readBundle, writeBundle } from "../../packages/node/src/replay/bundle.ts";
import { packValue, unpackValue } from "../../packages/node/src/replay/pack.ts";
import { parseRequest } from "../../packages/node/src/request/request.ts";
import { decodeToken, encodeToken } from "../../packages/node/src/partners/token.ts";
import { SAMPLE_REPORTS } from "../../packages/report/test/reports.ts";
import { decodeReasons, encodeReasons } from "../../packages/session/src/talk/reasons.ts";
import { decodeControl, encodeControl } from "../../packages/transport/src/link/control.ts";
import { parseReport, reportDocument } from "@halfroom/report";
import {
  decodeReceipt,
  decodeStatement,
  decodeTerms,
  encodeReceipt,
  encodeStatement,
  encodeTerms,
  readAgreement,
} from "@halfroom/session";
import {
  decodeFrame,
  encodeFrame,
  ERROR_CODES,
  MESSAGES,
  type Message,
  type MessageType,
} from "@halfroom/wire";
import { hasCode, runDecoder, type Decoder, type Target } from "./target.ts";

const vector = (path: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${path}`, import.meta.url), "utf8"));
const text = (of: string) => new Uint8Array(Buffer.from(of, "utf8"));
const hex = (of: string) => new Uint8Array(Buffer.from(of, "hex"));
const utf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

const node = {
  agreement: vector("node/agreement.json"),
  contact: vector("node/first-contact.json"),
  receipt: vector("node/receipt.json"),
  terms: vector("node/terms.json"),
};
const frames = vector("wire/frames.json") as {
  readonly frames: readonly { readonly frame: readonly (readonly [string, string])[] }[];
  readonly malformed: readonly { readonly frame: string }[];
};

type Own = Partial<Pick<Target, "words" | "wrap" | "batch">>;

/** The packages whose code is followed. */
function decoder(
  name: string,
  packages: string,
  seeds: readonly Uint8Array[],
  { words = [], ...own }: Own,
  what: Decoder,
): Target {
  const sources = new RegExp(`/packages/(?:${packages})/`);
  // oxlint-disable-next-line typescript/require-await -- what it throws rejects
  const run = async (input: Uint8Array) => runDecoder(what, input);
  return { name, sources, words, seeds, batch: 256, ...own, run };
}

const isProtocol = (...codes: (keyof typeof ERROR_CODES)[]) => ({
  isTyped: (error: unknown) => hasCode(error, "ProtocolError", codes),
});
const isOperator = (code: string) => ({
  isTyped: (error: unknown) => hasCode(error, "OperatorError", [code]),
});

/** One message of each type, its fields as short as they may be. */
const shortest = (Object.keys(MESSAGES) as MessageType[]).map((type, sequence) => {
  const fields = Object.entries(MESSAGES[type].fields).map(([name, field]) => {
    if (field.kind === "bytes") return [name, new Uint8Array(field.min).fill(7)];
    return [name, field.kind === "uint" ? Math.min(field.max, 300) : "text"];
  });
  return encodeFrame(sequence, { type, ...Object.fromEntries(fields) } as Message);
});

const statement = (role: "sender" | "receiver") => {
  const seed = text(node.agreement.statements[role]);
  const { fingerprint } = JSON.parse(node.agreement.statements[role]);
  return decoder(
    `statement of the ${role}`,
    "session",
    [seed],
    {},
    {
      decode: (input) => decodeStatement(input, role, hex(fingerprint)),
      encode: encodeStatement,
      ...isProtocol("malformed", "agreement"),
    },
  );
};

const tokenWords = ["halfroom1_", "[::1]:1", ":65536", ":0"];
const tokenDecoder: Decoder = {
  decode: (input) => ({ token: decodeToken(utf8(input)), blanks: utf8(input).split(utf8(input).trim()) }),
  // Blanks around it are left out.
  encode: ({ token, blanks }: { token: Parameters<typeof encodeToken>[0]; blanks: string[] }) =>
    text([blanks[0], encodeToken(token), blanks[1]].join("")),
  ...isOperator("token"),
};

/** As `halfroom invite` writes it, of any body. */
function checkedToken(body: Uint8Array): Uint8Array {
  const check = createHash("sha256").update("halfroom/v1/token").update(body).digest().subarray(0, 4);
  return text(`halfroom1_${Buffer.concat([body, check]).toString("base64url")}`);
}

const tokenBody = new Uint8Array(
  Buffer.from(node.contact.token.slice("halfroom1_".length), "base64url").subarray(0, -4),
);

/** A value as JSON in which {"a": [kind, numbers]} stands for a typed array, packed as a bundle is. */
function packed(inner: Uint8Array): Uint8Array {
  try {
    return packValue(JSON.parse(utf8(inner), (_, value) => arrayOf(value) ?? value));
  } catch {
    return inner;
  }
}

const ARRAYS = { u8: Uint8Array, u32: Uint32Array } as const;

function arrayOf(value: unknown): unknown {
  const [kind, numbers] = (value as { a?: [string, number[]] } | null)?.a ?? [];
  if (kind === "i64") return BigInt64Array.from(numbers!, (each) => BigInt(each));
  return kind === "u8" || kind === "u32" ? ARRAYS[kind].from(numbers!) : undefined;
}

const zeros = (length: number) => ({ a: ["u8", Array.from({ length }, () => 0)] });
const words32 = (...numbers: number[]) => ({ a: ["u32", numbers] });
const bundle = (role: "sender" | "receiver") => ({
  agreement: { a: ["u8", [...text(node.agreement.agreement)]] },
  role,
  signingKey: zeros(32),
  secrets: {
    nonce: zeros(32),
    seed: zeros(32),
    noTag: zeros(32),
    partnersTag: zeros(32),
    partnerKey: zeros(32),
    salts: { data: zeros(32), filter: zeros(32), seed: zeros(32) },
    epoch: { number: 1, secretKey: zeros(32), publicKey: zeros(32), endsAt: 5 },
    missing: words32(0, 1),
    filter: "a = 1",
    roundPeopleTo: 1,
    stored: ["ab".repeat(32)],
  },
  items: { identifiers: { bytes: zeros(4), offsets: words32(0, 2, 4) }, items: words32(1, 0) },
  record: [
    {
      stream: "talk",
      messages: [
        {
          direction: "sent",
          sequence: 0,
          type: "propose",
          length: 9,
          digest: zeros(32),
          signature: zeros(64),
        },
      ],
    },
  ],
  people:
    role === "sender"
      ? {
          people: 2,
          measures: [{ a: ["i64", [1, -2]] }],
          categories: words32(0, 1),
          categoryLabels: [["a"], ["b"]],
        }
      : {
          people: 2,
          partitions: [
            {
              groupBy: ["c", "d"],
              cells: words32(0, 1),
              labels: [
                ["x", "y"],
                ["x", "z"],
              ],
              base: words32(1, 1),
            },
          ],
        },
});
const bundles = (["sender", "receiver"] as const).map((role) => text(JSON.stringify(bundle(role))));

const reports = Object.values(SAMPLE_REPORTS).map((sample) =>
  text(reportDocument(sample(), { session: "ab" })),
);

const REQUESTS = [
  "partner: publisher\nours:\n  dataset: sales\n  where: country = 'DE'\n  measures:\n    amount: { low: -1.50, high: 500, decimals: 2 }\ntheirs:\n  dataset: ads\n  group_by: [campaign, age]\nthreshold: 50\nepsilon: 0.25\nresult: us\nweights: { people: 2 }\n",
  "partner: p\nours: { dataset: a, group_by: [[c], []] }\ntheirs: { dataset: b }\nreport: reach\nentries: 3\nmatch: [email]\nexact: true\n",
  "partner: p\nours: &x { dataset: a }\ntheirs: *x\nreport: overlap\nreceiver: us\n",
];

export const DECODERS: readonly Target[] = [
  decoder(
    "frame",
    "wire",
    [
      ...shortest,
      ...frames.frames.map(({ frame }) => hex(frame.map(([piece]) => piece).join(""))),
      ...frames.malformed.map(({ frame }) => hex(frame)).filter(({ length }) => length < 2048),
    ],
    { batch: 2048 },
    {
      decode: decodeFrame,
      encode: ({ sequence, message }: ReturnType<typeof decodeFrame>) => encodeFrame(sequence, message),
      ...isProtocol("malformed"),
    },
  ),
  decoder(
    "control",
    "transport",
    [
      `link ${"0a".repeat(32)} 7`,
      `strand ${"0b".repeat(32)}`,
      "at 5",
      "taken 4294967295",
      "end 3 4003",
      "ended",
    ].map(text),
    {
      batch: 2048,
      words: [
        "link ",
        "strand ",
        "at ",
        "taken ",
        "end ",
        "ended",
        " 1000",
        " 4000",
        "4294967296",
        "0".repeat(64),
      ],
    },
    {
      decode: (input) => decodeControl(Buffer.from(input)),
      encode: (control: Parameters<typeof encodeControl>[0]) =>
        new Uint8Array(Buffer.from(encodeControl(control), "latin1")),
      ...isProtocol("malformed"),
    },
  ),
  decoder(
    "terms",
    "session",
    Object.values<{ terms: string }>(node.terms).map(({ terms }) => text(terms)),
    {},
    {
      decode: decodeTerms,
      encode: encodeTerms,
      ...isProtocol("malformed", "version"),
    },
  ),
  statement("sender"),
  statement("receiver"),
  decoder(
    "reasons",
    "session",
    [encodeReasons([{ code: "rate", words: "later\u202e" }]), text("[]")],
    {},
    {
      // The words are made harmless, so that nothing is encoded again.
      decode: decodeReasons,
      ...isProtocol("malformed"),
    },
  ),
  decoder(
    "agreement",
    "session",
    [text(node.agreement.agreement)],
    {},
    {
      decode: readAgreement,
      encode: ({ bytes }: ReturnType<typeof readAgreement>) => bytes,
      ...isProtocol("malformed"),
    },
  ),
  decoder(
    "receipt",
    "session",
    [text(node.receipt.receipt)],
    {},
    {
      decode: decodeReceipt,
      encode: encodeReceipt,
      ...isProtocol("malformed"),
    },
  ),
  decoder(
    "token",
    "node|transport",
    [text(node.contact.token), text(` ${node.contact.token}\n`)],
    { batch: 2048, words: tokenWords },
    tokenDecoder,
  ),
  decoder(
    "token's body",
    "node|transport",
    [tokenBody],
    { batch: 2048, words: tokenWords, wrap: checkedToken },
    tokenDecoder,
  ),
  decoder(
    "packed value",
    "node",
    bundles.map(packed),
    { words: ["HfRp1", '{"$":["u8",0,8]}', '"int"'] },
    {
      decode: unpackValue,
      ...isOperator("damaged"),
    },
  ),
  decoder(
    "bundle",
    "node|session",
    bundles,
    { wrap: packed },
    {
      decode: (input) => {
        const read = readBundle(input);
        // What is left out of it is left out of what it is written as, which stays the same then.
        const written = writeBundle(read);
        if (Buffer.compare(writeBundle(readBundle(written)), written) !== 0)
          throw new Error("written otherwise");
        return read;
      },
      ...isOperator("damaged"),
    },
  ),
  decoder(
    "report",
    "report",
    reports,
    {},
    {
      decode: (input) => parseReport(utf8(input)),
      // What `parseReport` documents; both are its own words, or the parser's.
      isTyped: (error) =>
        error instanceof SyntaxError ||
        (error instanceof RangeError && /^(?:the|a cell in the|a number in the) report /.test(error.message)),
    },
  ),
  decoder(
    "request",
    "node/src/(?:request|config)|prepare",
    REQUESTS.map(text),
    {
      words: [
        "&a ",
        "*a",
        "!!binary ",
        "<<: *a",
        "? ",
        "|-\n",
        "- ",
        "{",
        "}",
        "'",
        "\t",
        "%YAML 1.1\n---\n",
        "\n...\n",
        "__proto__: 1\n",
        ".inf",
        "0x1",
        "1e400",
        "~",
      ],
    },
    { decode: (input) => parseRequest(utf8(input), "request.yaml"), ...isOperator("yaml") },
  ),
];
