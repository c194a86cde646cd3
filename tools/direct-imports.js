// Rewrites imports from a workspace's index into imports from the files that declare the names. A bundler splits files into
// shared chunks by who imports them, and an index imports everything: without this, every command would load everything, and
// the library's types would be those of every workspace.
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { PACKAGES } from "./places.js";

const SCOPE = "@halfroom/";
const FROM_WORKSPACE = /^(import|export) (type )?\{([^}]*)\} from "(@halfroom\/[^"]+)";/gm;
const INLINE_TYPE = /\bimport\("(@halfroom\/[^"]+)"\)\.(\w+)/g;
const REEXPORT = /^export (?:type )?\{([^}]*)\} from "([^"]+)";/gm;
const REEXPORT_ALL = /^export (?:type )?\* from "([^"]+)";/gm;
const OWN =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) (\w+)/gm;

/**
 * The source (or declarations) with every name from a workspace's index imported from an absolute path instead. Throws if a
 * workspace does not export a name.
 */
export function withDirectImports(source) {
  return source
    .replace(FROM_WORKSPACE, (_, verb, type = "", names, specifier) => {
      // `import { type T }` alone would still load the file under verbatimModuleSyntax; `import type { T }` does not.
      const lines = namesIn(names).map(({ kind, name, local }) => {
        const origin = originOf(name, specifier);
        return `${verb} ${type || kind}{ ${origin.name} as ${local} } from ${JSON.stringify(origin.file)};`;
      });
      return lines.join(" ");
    })
    .replace(INLINE_TYPE, (_, specifier, name) => {
      const origin = originOf(name, specifier);
      return `import(${JSON.stringify(origin.file)}).${origin.name}`;
    });
}

/** The source file that a specifier in `importer` stands for. */
export function resolveSource(specifier, importer) {
  if (isAbsolute(specifier)) return specifier;
  if (!specifier.startsWith(SCOPE)) return resolve(dirname(importer), specifier);
  const [workspace, ...path] = specifier.slice(SCOPE.length).split("/");
  const folder = join(PACKAGES, workspace);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, exports[[".", ...path].join("/")]);
}

/** The file that declares what a workspace exports as `name`, and its name there. */
function originOf(name, specifier) {
  const origin = exportsOf(resolveSource(specifier)).get(name);
  if (origin === undefined) throw new Error(`${specifier} exports no ${name}`);
  return origin;
}

const known = new Map();

function exportsOf(file) {
  const found = known.get(file) ?? new Map();
  if (known.has(file)) return found;
  known.set(file, found);
  const source = readFileSync(file, "utf8");
  for (const [, specifier] of source.matchAll(REEXPORT_ALL)) {
    for (const [name, origin] of exportsOf(resolveSource(specifier, file))) found.set(name, origin);
  }
  for (const [, names, specifier] of source.matchAll(REEXPORT)) {
    const others = exportsOf(resolveSource(specifier, file));
    for (const { name, local } of namesIn(names)) found.set(local, others.get(name));
  }
  for (const [, name] of source.matchAll(OWN)) found.set(name, { file, name });
  return found;
}

/** `a, b as c, type D`, name by name. */
function namesIn(list) {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map((item) => /^(type )?(\w+)(?: as (\w+))?$/.exec(item))
    .map(([, kind = "", name, local = name]) => ({ kind, name, local }));
}
