// Runs after an installation and before tests: compiles the checkout, so that no command has to.
import { upToDateBuild } from "./checkout.js";

/** Before tests: the commands that they start run this build, and do not look at the sources again. */
export async function setup() {
  process.env.HALFROOM_TEST_BUILD = await upToDateBuild();
}

if (process.argv[1] === import.meta.filename) await setup();
