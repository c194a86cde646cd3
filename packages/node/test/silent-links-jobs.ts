// A partner with so many links that say nothing: `node --import tools/typescript.js silent-links-jobs.ts FOLDER LINKS`, of the node whose only partner they go
// to. It prints a line when all are there, and then one for each that ends, with the code.
import { connectTls } from "@halfroom/transport";
import { openChannel, type OpenChannel, type ProtocolError } from "@halfroom/wire";
import { patience } from "../src/config/schema.ts";
import { openState } from "../src/node-state.ts";
import { nodeFolder } from "../src/store/folder.ts";

const [folder, links] = process.argv.slice(2);
const node = await openState(nodeFolder(folder, {}), {});
const [partner] = node.partners.list();
const { address, fingerprint } = partner!;
const channels: OpenChannel[] = [];
// One after the other: so many at once from one address would look like strangers.
for (let link = 0; link < Number(links); link++) {
  const { frames } = await connectTls({
    address,
    fingerprint,
    identity: node.identity.tls,
    purpose: "session",
    waitMs: 30_000,
    ...patience(node.settings),
  });
  channels.push(openChannel(frames, "sender"));
}
console.log("all are there");
for (const channel of channels)
  channel.recv("answer").catch(({ code }: ProtocolError) => console.log(`ended ${code}`));
