import { fileURLToPath } from "node:url";

/** The file that Node runs as this program, for those of its commands that are processes of their own. */
export const PROGRAM = fileURLToPath(new URL("../bin/halfroom.js", import.meta.url));
