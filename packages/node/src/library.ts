// What `import { openNode } from "halfroom"` gives: a node's verbs, with plain data in and out.
export { nodeFolder } from "./folder/folder.ts";
export type { NodeFolder } from "./folder/folder.ts";
export { openNode } from "./open-node.ts";
export type { HalfroomNode } from "./open-node.ts";
