// The node that asks: a program with the compiled library, as a program has it from the package. It is told request after request, and
// answers each with whether its report was a stored one. JavaScript, so that its threads start as a user's do.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { upToDateBuild } from "../../../../tools/checkout.js";

const [, , folder] = process.argv;
const { openNode, run } = await import(pathToFileURL(join(await upToDateBuild(), "lib/index.js")).href);
const node = await openNode(folder, { env: {} });

async function answer(text) {
  const { isStored } = await run(node, { text, name: "request" });
  process.send({ isStored });
}

process.on("message", (text) => void answer(text));
process.once("disconnect", () => node.close());
