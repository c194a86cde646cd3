// A report into a file of its own, named after its session: whole or not at all, and the same however often it is written.
import { constants } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { faultOf, openClient } from "@halfroom/prepare/s3";
import { csvLine, textField } from "@halfroom/report";
import { bucketAndPrefix } from "../cluster/share.ts";
import { codeOf } from "../errors.ts";
import { Undelivered } from "../events/attempt.ts";
import type { NodeFolder } from "../store/folder.ts";
import { COLUMNS, NUMBERS, type Column, type SinkLine } from "./lines.ts";
import type { Sink } from "./settings.ts";
import type { DatabaseSink } from "./database.ts";

const PATIENCE = { connectMs: 5000, silentMs: 10_000 };
const DRAFT_BYTES = 8;

type FileSink = DatabaseSink;

export function folderSink(
  { path: home }: Pick<NodeFolder, "path">,
  { folder, form = "ndjson" }: Sink,
): FileSink {
  const place = resolve(home, folder!);
  const failed = (cause: unknown) =>
    new Undelivered(
      `its folder cannot be written to (${codeOf(cause)}): make it, or give this account the right`,
      { cause },
    );
  return {
    async check() {
      await access(place, constants.W_OK).catch((cause: unknown) => {
        if (codeOf(cause) !== "ENOENT") throw failed(cause);
      });
    },
    async write(session, lines) {
      const file = join(place, nameOf(session, form));
      const draft = `${file}.${randomBytes(DRAFT_BYTES).toString("hex")}.tmp`;
      try {
        await mkdir(place, { recursive: true });
        // With the rights that this account gives its files: others are to read it.
        const handle = await open(draft, "wx");
        try {
          await handle.writeFile(textOf(form, lines));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(draft, file);
      } catch (cause) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw failed(cause);
      }
    },
  };
}

export function objectSink({ s3, form = "ndjson" }: Sink): FileSink {
  const { bucket, prefix } = bucketAndPrefix(s3!)!;
  const using = async (work: (client: ReturnType<typeof openClient>) => Promise<unknown>): Promise<void> => {
    const client = openClient(PATIENCE);
    try {
      await work(client);
    } catch (cause) {
      throw new Undelivered(faultOf(cause).remedy.replace(/\.$/, ""), { cause });
    } finally {
      client.destroy();
    }
  };
  return {
    // Whoever may write an object may often do nothing else.
    check: async () => undefined,
    async write(session, lines) {
      const key = [...(prefix === "" ? [] : [prefix]), nameOf(session, form)].join("/");
      const request = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: Buffer.from(textOf(form, lines)),
      });
      await using((client) => client.send(request));
    },
  };
}

function nameOf(session: string, form: "csv" | "ndjson"): string {
  return `halfroom-${session}.${form}`;
}

function textOf(form: "csv" | "ndjson", lines: readonly SinkLine[]): string {
  if (form === "csv") {
    const field = (line: SinkLine, column: Column) => {
      const text = String(line[column] ?? "");
      return NUMBERS.includes(column) ? text : textField(text);
    };
    return [[...COLUMNS], ...lines.map((line) => COLUMNS.map((column) => field(line, column)))]
      .map(csvLine)
      .join("");
  }
  return lines
    .map((line) => `${JSON.stringify({ ...line, labels: JSON.parse(String(line.labels)) as unknown })}\n`)
    .join("");
}
