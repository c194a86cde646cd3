// Reports as objects of an S3-compatible store, whole or not at all.
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { faultOf, openClient } from "@halfroom/prepare/s3";
import { bucketAndPrefix } from "../cluster/share.ts";
import { Undelivered } from "../events/attempt.ts";
import type { NodeState } from "../node-state.ts";
import { bytesOf, FORM_DEFAULT, nameOf } from "./file-bytes.ts";
import type { Sink } from "./settings.ts";
import type { SinkWriter } from "./target.ts";

const PATIENCE = { connectMs: 5000, silentMs: 10_000 };
/** Written and deleted by a check: always the same, so that an account that may not delete leaves one. */
const PROBE = "halfroom-check";

export function objectSink(node: Pick<NodeState, "scratch">, { s3, form = FORM_DEFAULT }: Sink): SinkWriter {
  const { bucket: Bucket, prefix } = bucketAndPrefix(s3!)!;
  const keyOf = (name: string) => [...(prefix === "" ? [] : [prefix]), name].join("/");
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
    async check() {
      const Key = keyOf(PROBE);
      await using(async (client) => {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(0) }));
        // Reports are only ever written: whoever may write an object may often do nothing else.
        await client.send(new DeleteObjectCommand({ Bucket, Key })).catch((cause: unknown) => {
          if (!isForbidden(cause)) throw cause;
        });
      });
    },
    async write(session, lines) {
      const Body = await bytesOf(node, form, lines);
      const request = new PutObjectCommand({ Bucket, Key: keyOf(nameOf(session, form)), Body });
      await using((client) => client.send(request));
    },
  };
}

function isForbidden(cause: unknown): boolean {
  const { $metadata: answer } = cause as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return answer?.httpStatusCode === 403;
}
