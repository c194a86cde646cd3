// Finds in a source what runs outside of an awaited call, and could so end the process: callbacks of timers, events and the system, and
// promises that are let go. An error that nobody listens to is of the kind. Each has to go through `guarded` or `detached`, or do nothing that throws.
import { parseSync } from "oxc-parser";

/** A node of ESTree. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

/** Functions that call what they are given later, from the event loop; and methods, with the place of what they are given. */
const CALLED_LATER: ReadonlyMap<string, number> = new Map([
  ...placed(
    "setTimeout setInterval setImmediate queueMicrotask nextTick createServer createHttpServer createTlsServer",
    0,
  ),
  ...placed("on once addListener prependListener prependOnceListener addEventListener", 1),
]);
/** Methods whose last argument is called once they are done, if it is a function. */
const CALLED_WHEN_DONE = new Set(["send", "write", "end", "close", "listen", "post", "destroy"]);

/** What does not throw whatever comes: of the system, and of ours that say so. */
const QUIET = new Set(
  (
    "clearTimeout clearInterval unref destroy terminate resume resolve reject abort stop delete add push splice indexOf forEach " +
    "on once off addEventListener removeEventListener"
  ).split(" "),
);
const BOUNDARIES = new Set(["guarded", "detached"]);
/** Constructors of which the same is true. */
const QUIET_CLASSES = new Set(["ProtocolError"]);

function placed(names: string, place: number): [string, number][] {
  return names.split(" ").map((name) => [name, place]);
}

/** The lines of what is not bounded, each with its text. */
export function unbounded(text: string, file: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const root = program as unknown as Node;
  const functions = functionsIn(root);
  const found = new Set<Node>();
  walk(root, undefined, (node, parent) => {
    if (isCall(node))
      for (const callback of callbacksOf(node)) if (!isBounded(callback, functions)) found.add(callback);
    if (isLetGo(node, parent) && !isQuietEnd(node, functions)) found.add(node);
    if (isCall(node) && hearsOneError(node)) found.add(node);
  });
  return [...found].map(({ start }) => {
    const line = text.slice(0, start).split("\n").length;
    return `${file}:${line}: ${text.split("\n")[line - 1]!.trim()}`;
  });
}

/** A second error would have no listener left. */
function hearsOneError(call: Node): boolean {
  const [event] = call["arguments"] as Node[];
  return nameOf(call["callee"] as Node) === "once" && event?.["value"] === "error";
}

function callbacksOf(call: Node): Node[] {
  const name = nameOf(call["callee"] as Node);
  const given = call["arguments"] as Node[];
  const place = CALLED_LATER.get(name);
  if (place !== undefined && given[place] !== undefined) {
    const callback = given[place];
    // Of `node:timers/promises`, and `once` of `node:events`, which are awaited.
    if (callback.type === "Literal" || (place === 1 && given[0]!.type === "Identifier" && name === "once"))
      return [];
    return name.startsWith("create") ? given.filter(isFunction) : [callback];
  }
  const last = given.at(-1);
  return CALLED_WHEN_DONE.has(name) && last !== undefined && isFunction(last) ? [last] : [];
}

function isBounded(callback: Node, functions: ReadonlyMap<string, Node>): boolean {
  if (isCall(callback)) return BOUNDARIES.has(nameOf(callback["callee"] as Node));
  if (callback.type === "Identifier") {
    const name = callback["name"] as string;
    const known = functions.get(name);
    return QUIET.has(name) || (known !== undefined && isBounded(known, functions));
  }
  return isFunction(callback) && isQuiet(callback["body"] as Node, functions);
}

/** A promise that nobody holds or waits for. */
function isLetGo(node: Node, parent: Node | undefined): boolean {
  if (node.type === "UnaryExpression" && node["operator"] === "void") return true;
  if (!isCall(node) || parent?.type !== "ExpressionStatement") return false;
  return ["then", "catch", "finally"].includes(nameOf(node["callee"] as Node));
}

/** It waits for something, does nothing that throws, or is caught by what does not throw. */
function isQuietEnd(node: Node, functions: ReadonlyMap<string, Node>): boolean {
  const call = node.type === "UnaryExpression" ? (node["argument"] as Node) : node;
  if (call.type === "AwaitExpression" || call.type === "AssignmentExpression") return true;
  if (!isCall(call)) return call.type === "Literal";
  const name = nameOf(call["callee"] as Node);
  if (QUIET.has(name)) return true;
  const given = call["arguments"] as Node[];
  const isCaught = name === "catch" || (name === "then" && given.length === 2);
  return BOUNDARIES.has(name) || (isCaught && given.every((each) => isBounded(each, functions)));
}

/** Whether nothing in it throws: no call but quiet ones, no `throw`, no `new`. Functions in it are not called yet. */
function isQuiet(body: Node, functions: ReadonlyMap<string, Node>): boolean {
  let quiet = true;
  const look = (node: Node): void => {
    if (isCall(node)) quiet &&= isQuietCall(node, functions);
    if (node.type === "NewExpression") quiet &&= QUIET_CLASSES.has(nameOf(node["callee"] as Node));
    if (["ThrowStatement", "AwaitExpression", "YieldExpression"].includes(node.type)) quiet = false;
    for (const child of childrenOf(node)) if (!isFunction(child)) look(child);
  };
  look(body);
  return quiet;
}

function isQuietCall(call: Node, functions: ReadonlyMap<string, Node>): boolean {
  const name = nameOf(call["callee"] as Node);
  const given = call["arguments"] as Node[];
  if (BOUNDARIES.has(name)) return true;
  return QUIET.has(name) && given.every((each) => !isFunction(each) || isBounded(each, functions));
}

/** Functions under a name of their own, wherever in the file. */
function functionsIn(root: Node): Map<string, Node> {
  const named = new Map<string, Node>();
  walk(root, undefined, (node) => {
    if (node.type === "FunctionDeclaration") named.set((node["id"] as Node)["name"] as string, node);
    const init = node.type === "VariableDeclarator" ? (node["init"] as Node | null) : null;
    const isNamed = init !== null && (isFunction(init) || isCall(init));
    if (isNamed) named.set((node["id"] as Node)["name"] as string, init);
  });
  return named;
}

function walk(
  node: Node,
  parent: Node | undefined,
  visit: (node: Node, parent: Node | undefined) => void,
): void {
  visit(node, parent);
  for (const child of childrenOf(node)) walk(child, node, visit);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof value === "object" && value !== null && "type" in value);
}

function isCall({ type }: Node): boolean {
  return type === "CallExpression";
}

function isFunction({ type }: Node): boolean {
  return (
    type === "ArrowFunctionExpression" || type === "FunctionExpression" || type === "FunctionDeclaration"
  );
}

/** The last part of what is called. */
function nameOf(callee: Node): string {
  if (callee.type === "Identifier") return callee["name"] as string;
  const property = callee["property"] as Node | undefined;
  const name = (property?.["name"] as string | undefined) ?? "";
  // A method of our own, whatever it is called.
  return property?.type === "PrivateIdentifier" ? `#${name}` : name;
}
