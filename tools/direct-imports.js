// Imports from a workspace's index become imports from the file that the index takes a name from. A bundler cuts files into
// shared chunks by who imports them, and an index imports all: without this, every command would load everything.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PACKAGES } from "./places.js";

const SCOPE = "@halfroom/";
const IMPORT = /^import \{([^}]*)\} from "(@halfroom\/[^"]+)";/gm;
const REEXPORT = /^export \{([^}]*)\} from "([^"]+)";/gm;
const REEXPORT_ALL = /^export \* from "([^"]+)";/gm;
const OWN = /^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm;

/** `source` with its imports from workspaces made direct. Throws if a workspace does not export a name. */
export function withDirectImports(source) {
  return source.replace(IMPORT, (_, names, specifier) => {
    const exported = exportsOf(resolveSource(specifier));
    const lines = namesIn(names).map(({ name, local }) => {
      const origin = exported.get(name);
      if (origin === undefined) throw new Error(`${specifier} exports no ${name}`);
      return `import { ${origin.name} as ${local} } from ${JSON.stringify(origin.file)};`;
    });
    return lines.join(" ");
  });
}

/** Values that a file exports: by name, the file that declares it and its name there. Types have none. */
function exportsOf(file) {
  const source = readFileSync(file, "utf8");
  const found = new Map();
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

/** `a, b as c, type D` without what is only a type. */
function namesIn(list) {
  const values = list.split(",").map((item) => item.trim());
  return values
    .filter((item) => item !== "" && !item.startsWith("type "))
    .map((item) => item.split(" as "))
    .map(([name, local = name]) => ({ name, local }));
}

function resolveSource(specifier, importer) {
  if (!specifier.startsWith(SCOPE)) return resolve(dirname(importer), specifier);
  const [workspace, ...path] = specifier.slice(SCOPE.length).split("/");
  const folder = join(PACKAGES, workspace);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, exports[["." , ...path].join("/")]);
}
