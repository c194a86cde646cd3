// Lets Node load the sources as they are, for tests and scripts of a checkout: `node --import ./tools/typescript.js FILE.ts`.
// Worker threads inherit it. Nothing is cached on disk, so that nobody else's file can be taken for a result.
import { register } from "node:module";

register("./typescript-hooks.js", import.meta.url);
