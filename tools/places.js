// Where things are in a checkout.
import { fileURLToPath } from "node:url";

const under = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const ROOT = under("");
export const PACKAGES = under("packages");
/** Compiled code that the checkout's own command runs: one folder for each state of the sources. */
export const BUILDS = under("build");
/** The package that is published. */
export const RELEASE = under("dist/halfroom");
/** What `import "halfroom"` gives. */
export const LIBRARY = under("packages/node/src/api/index.ts");
/** The command of a checkout; in a built package the same expression names the package's own. */
export const CHECKOUT_COMMAND = under("packages/cli/bin/halfroom.js");
export const KERNELS = under("packages/crypto/assembly/kernels.ts");
export const KERNELS_BUILT = under("packages/crypto/assembly/build/kernels.wasm");
export const ADDON = under("packages/crypto-native");
export const ADDON_BUILT = under("packages/crypto-native/build/Release/halfroom_crypto.node");
/** The console's page, and what its server gives a browser of it. */
export const PAGE = under("packages/console/web");
export const PAGE_BUILT = under("packages/console/web/build/page.json");
