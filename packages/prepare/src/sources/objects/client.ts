// The AWS SDK's client as this program uses it for S3-compatible stores: endpoint, region and credentials are where AWS's own programs look
// for them (variables, profiles, roles).
import { S3Client } from "@aws-sdk/client-s3";

export interface StorePatience {
  readonly connectMs: number;
  /** How long a connection may be silent. */
  readonly silentMs: number;
}

export function openClient({ connectMs, silentMs }: StorePatience): S3Client {
  // The versions of Node that this program runs on are its own affair, and not for its user's screen.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { env } = process;
  const endpoint = env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"];
  const region =
    env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? (endpoint === undefined ? undefined : "us-east-1");
  return new S3Client({
    ...(region !== undefined && { region }),
    // Stores other than AWS have rarely a host name for each bucket.
    forcePathStyle: endpoint !== undefined,
    followRegionRedirects: true,
    // Not every store knows the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: connectMs, socketTimeout: silentMs },
  });
}

/** What the store answered, as a status of HTTP; 0 if it did not. */
export function statusOf(error: unknown): number {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const { httpStatusCode = 0 } = (metadata ?? {}) as { httpStatusCode?: number };
  return httpStatusCode;
}

export interface StoreFault {
  readonly about: "credentials" | "store";
  /** The reason and what to do, in sentences. */
  readonly remedy: string;
}

const CREDENTIALS = /Credentials|Token|AccessKeyId|SignatureDoesNotMatch/;

/** The store's words may quote keys of the user's; the name of its error never does. */
export function faultOf(error: unknown): StoreFault {
  const name = nameOf(error);
  const status = statusOf(error);
  if (error instanceof Error && error.message === "Region is missing")
    return { about: "credentials", remedy: "Set AWS_REGION to the bucket's region." };
  if (CREDENTIALS.test(name)) {
    const remedy = `The reason is ${name}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run it under a role.`;
    return { about: "credentials", remedy };
  }
  const reason =
    name !== "" ? `The reason is ${name}` : status > 0 ? `It answers ${status}` : "It ended early";
  const remedy = `${reason}: check bucket, rights, AWS_REGION, AWS_ENDPOINT_URL and the network, then run it again.`;
  return { about: "store", remedy };
}

function nameOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const called = code !== "" ? code : error instanceof Error && error.name !== "Error" ? error.name : "";
  return /^[A-Za-z]\w*$/.test(called) ? called : "";
}
