// Runs the npm peer on the benchmark's sets, in a process of its own: node peer.js PACKAGE-FOLDER PEOPLE. Prints the seconds
// that both sides take, one after the other, and how many people they share.
import { createRequire } from "node:module";

/** Its answer is approximate; Halfroom's is not. */
const FALSE_POSITIVE_RATE = 1e-9;

const [folder, people] = process.argv.slice(2);
const psi = await createRequire(`${folder}/`)("@openmined/psi.js")();
const sender = Array.from({ length: Number(people) }, (_, i) => `person${i}@example.com`);
const receiver = sender.toReversed();

const start = performance.now();
const before = process.cpuUsage();
const server = psi.server.createWithNewKey(false);
const client = psi.client.createWithNewKey(false);
const setup = server.createSetupMessage(FALSE_POSITIVE_RATE, receiver.length, sender);
const response = server.processRequest(client.createRequest(receiver));
const shared = client.getIntersectionSize(setup, response);
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, shared }));
