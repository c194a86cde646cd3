// For `node --import`: writes the URL of every module that our own files import to the file that HALFROOM_TEST_LOG names.
import { appendFileSync } from "node:fs";
import { register } from "node:module";

if (!import.meta.url.includes("?")) register(`${import.meta.url}?hooks`);

export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  const isOurs = context.parentURL?.includes("halfroom/lib/") || context.parentURL?.includes("halfroom/bin/");
  if (isOurs) appendFileSync(process.env.HALFROOM_TEST_LOG, `${resolved.url}\n`);
  return resolved;
}
