// For Vitest: worker threads that the sources start run the compiled code, as spawned commands do. A thread that loads the sources
// one by one takes three times as long to start, and a session of two nodes starts several.
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { entryName, FILE_OF_SOURCES, filesNamedBySources, isCode } from "./bundle.js";
import { upToDateBuild } from "./checkout.js";

/** A plugin of Vite that puts the compiled file in the place of each code file that the sources name. */
export function compiledThreads() {
  const named = new Set(filesNamedBySources().filter(isCode));
  return {
    name: "compiled threads",
    async transform(code, id) {
      const [importer] = id.split("?");
      const names = [...code.matchAll(FILE_OF_SOURCES)].map(([, name]) => resolve(dirname(importer), name));
      if (!names.some((path) => named.has(path))) return undefined;
      const lib = join(await upToDateBuild(), "lib");
      const changed = code.replace(FILE_OF_SOURCES, (whole, name) => {
        const path = resolve(dirname(importer), name);
        if (!named.has(path)) return whole;
        return `new URL(${JSON.stringify(pathToFileURL(join(lib, `${entryName(path)}.js`)).href)})`;
      });
      return { code: changed, map: null };
    },
  };
}
