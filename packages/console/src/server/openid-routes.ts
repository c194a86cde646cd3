// The two addresses of signing in by OpenID Connect: where a browser begins, and where the provider sends it back to.
import { randomBytes } from "node:crypto";
import type { nodeLog } from "@halfroom/node";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, Env, Hono } from "hono";
import { giveBegun, takeBegun } from "./cookie.ts";
import { Door, writeFailure, type DoorOptions } from "./door.ts";
import { BEGIN_PATH, type OpenId } from "./openid.ts";
import { ProviderError, wordsOf } from "./openid-claims.ts";

const BACK_PATH = `${BEGIN_PATH}/back`;
const SECRET_BYTES = 32;

export interface OpenIdOptions extends DoorOptions {
  readonly openid: OpenId;
  readonly log: Awaited<ReturnType<typeof nodeLog>>;
}

/** The two addresses that a browser is sent to; both answer it, and no program. */
export function addOpenId<E extends Env>(app: Hono<E>, options: OpenIdOptions): void {
  app.get(BEGIN_PATH, (context) =>
    told(options, context, async () => {
      const secret = randomBytes(SECRET_BYTES).toString("base64url");
      const to = await options.openid.beginAt(backOf(context, options), secret);
      giveBegun(context, options, secret);
      return to;
    }),
  );
  app.get(BACK_PATH, (context) =>
    told(options, context, async (address) => {
      await end(options, context, address);
      return "/";
    }),
  );
}

async function end(options: OpenIdOptions, context: Context, address: string): Promise<void> {
  const { node, openid } = options;
  const secret = takeBegun(context, options);
  if (secret === undefined)
    throw new ProviderError("begun", "This sign-in was begun in another browser, or long ago. Begin again.");
  const answer = new URL(backOf(context, options));
  answer.search = new URL(context.req.url).search;
  const signed = await openid.end(node, answer, secret);
  await new Door(options, context, undefined, address).letIn(signed);
}

/** Sends the browser on, or tells whoever looks at it what is wrong. */
async function told(
  options: OpenIdOptions,
  context: Context,
  work: (address: string) => Promise<string>,
): Promise<Response> {
  const { log, rates } = options;
  const address = getConnInfo(context).remote.address ?? "";
  await rates.ofStranger(address);
  try {
    return context.redirect(await work(address), 303);
  } catch (error) {
    const { code, words } = wordsOf(error);
    log.warn({ endpoint: "openid", code }, "nobody was signed in");
    if (error instanceof ProviderError && error.person !== undefined)
      await writeFailure(options, "", { way: "openid", why: "role", user: error.person });
    return context.text(`${words}\n`, 403);
  }
}

/** Where the provider sends the browser back to: the console as the browser calls it, which `guard` has looked at. */
function backOf({ req }: Context, { scheme, url }: OpenIdOptions): string {
  return `${url === "" ? `${scheme}://${req.header("host")}` : new URL(url).origin}${BACK_PATH}`;
}
