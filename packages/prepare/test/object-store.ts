// An S3-compatible store on this machine, its objects in a folder of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import S3rver from "@20minutes/s3rver";

export interface TestStore {
  readonly url: string;
  /** What names the store and its user in the environment. */
  readonly variables: Readonly<Record<string, string>>;
  put(key: string, content: string | Uint8Array): Promise<void>;
  /** All keys that begin so, a thousand at most. */
  keys(prefix: string): Promise<string[]>;
  close(): Promise<void>;
}

/** With one bucket. */
export async function openStore(bucket: string): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), "halfroom-store-"));
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    // It signs the path of a listing in another way than the store that it stands for; whose key it is it looks at.
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: bucket }],
  });
  const url = `http://127.0.0.1:${(await server.run()).port}`;
  const user = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const client = new S3Client({
    endpoint: url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: user,
  });
  return {
    url,
    variables: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: user.accessKeyId,
      AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
    },
    async put(key, content) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(content) }));
    },
    async keys(prefix) {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }),
      );
      return Contents.map(({ Key: key }) => key!).toSorted();
    },
    async close() {
      client.destroy();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
