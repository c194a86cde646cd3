// Runs after an installation and before tests: compiles the checkout, so that no command has to.
import { upToDateBuild } from "./checkout.js";

export async function setup() {
  await upToDateBuild();
}

if (process.argv[1] === import.meta.filename) await setup();
