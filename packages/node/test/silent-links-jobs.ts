// A partner with so many links that say nothing: `node --import tools/typescript.js silent-links-jobs.ts FOLDER LINKS`, of the node whose only partner they go
// to. It prints a line when all are there, and then one for each that ends, with the code.
import { connectTls } from "@halfroom/transport";
import { openChannel, type ProtocolError } from "@halfroom/wire";
import { patience } from "../src/config/schema.ts";
import { openState } from "../src/node-state.ts";
import { nodeFolder } from "../src/store/folder.ts";

const [folder, links] = process.argv.slice(2);
const node = await openState(nodeFolder(folder, {}), {});
const [partner] = node.partners.list();
const { address, fingerprint } = partner!;
const connected = Array.from({ length: Number(links) }, async () => {
  const limits = { waitMs: 30_000, ...patience(node.settings) };
  return await connectTls({
    address,
    fingerprint,
    identity: node.identity.tls,
    purpose: "session",
    ...limits,
  });
});
const channels = (await Promise.all(connected)).map(({ frames }) => openChannel(frames, "sender"));
console.log("all are there");
for (const channel of channels)
  channel.recv("answer").catch(({ code }: ProtocolError) => console.log(`ended ${code}`));
