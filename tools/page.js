// Builds the console's page: everything that a browser loads, in one file that the console's server reads (packages/console/src/server/page.ts).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { build } from "esbuild";
import { PAGE, PAGE_BUILT, ROOT } from "./places.js";

const TYPES = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};
/** Of a package from the registry, in the path of one of its files. */
const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;

export async function buildPage() {
  const { outputFiles, metafile } = await build({
    entryPoints: { app: join(PAGE, "src/main.tsx"), style: join(PAGE, "src/style/all.css") },
    outdir: ROOT,
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [englishAlone],
    logLevel: "silent",
  });
  const [script, style] = [".js", ".css"].map((ending) => {
    const { path, text } = outputFiles.find((file) => extname(file.path) === ending);
    return asset(basename(path), text);
  });
  const icon = asset("icon.svg", readFileSync(join(PAGE, "icon.svg"), "utf8"));
  const licences = asset("licences.txt", licencesOf(metafile));
  const places = { SCRIPT: script, STYLE: style, ICON: icon, LICENCES: licences };
  const html = Object.entries(places).reduce(
    (text, [word, { path }]) => text.replaceAll(word, path),
    readFileSync(join(PAGE, "index.html"), "utf8"),
  );
  write(
    JSON.stringify([{ path: "/", type: "text/html; charset=utf-8", text: html }, ...Object.values(places)]),
  );
}

/** The schemas' library brings its messages in fifty languages, of which the page shows none. */
const englishAlone = {
  name: "English alone",
  setup(plugin) {
    plugin.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => {
      return { contents: 'export { default as en } from "./en.js";' };
    });
  },
};

/** A file under a name that no other content has, so that it may be kept for ever. */
function asset(name, text) {
  const ending = extname(name);
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { path: `/assets/${basename(name, ending)}-${digest}${ending}`, type: TYPES[ending], text };
}

/** What the licences of the packages in the script ask for. */
function licencesOf({ inputs }) {
  const packages = Object.keys(inputs).flatMap((path) => PACKAGE.exec(path)?.[1] ?? []);
  const texts = [...new Set(packages)].toSorted().map((name) => {
    const licence = ["LICENSE", "LICENSE.md", "license"]
      .map((file) => join(ROOT, "node_modules", name, file))
      .find((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);
    if (licence === undefined) throw new Error(`${name} is in the page, and has no licence`);
    return `${name}\n\n${readFileSync(licence, "utf8").trim()}\n`;
  });
  return texts.join("\n----\n\n");
}

/** Renamed at the end, so that nobody reads half of it. What is the same stays as it is: its time is part of the checkout's state. */
function write(text) {
  const built = statSync(PAGE_BUILT, { throwIfNoEntry: false });
  if (built !== undefined && readFileSync(PAGE_BUILT, "utf8") === text) return;
  mkdirSync(dirname(PAGE_BUILT), { recursive: true });
  const unfinished = `${PAGE_BUILT}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, PAGE_BUILT);
}
