// Reports as objects of an S3-compatible store, whole or not at all.
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { faultOf, openClient } from "@halfroom/prepare/s3";
import { bucketAndPrefix } from "../cluster/share.ts";
import { Undelivered } from "../events/attempt.ts";
import { nameOf, textOf } from "./file-text.ts";
import type { Sink } from "./settings.ts";
import type { SinkWriter } from "./target.ts";

const PATIENCE = { connectMs: 5000, silentMs: 10_000 };

export function objectSink({ s3, form = "ndjson" }: Sink): SinkWriter {
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
