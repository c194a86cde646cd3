// `npm run build`: makes the package that is published, `dist/halfroom`, from the checkout.
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.js";
import { addDeclarations } from "./declarations.js";
import { ADDON, RELEASE, ROOT } from "./places.js";
import { addPrebuilds } from "./prebuilds.js";
import { dependenciesOf, releasedWorkspaces } from "./workspaces.js";

const DOCUMENTS = [
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "SECURITY.md",
  "protocol-spec.md",
  "docs",
  "examples",
];
/** The add-on's source, and what compiles it where no prebuilt one runs. */
const ADDON_SOURCES = ["binding.gyp", "native", "compile.js", "install.js"];

rmSync(RELEASE, { recursive: true, force: true });
await bundle(RELEASE);
addDeclarations(RELEASE);
addPrebuilds(RELEASE);
for (const name of ADDON_SOURCES) cpSync(join(ADDON, name), join(RELEASE, name), { recursive: true });
for (const name of DOCUMENTS.filter((document) => existsSync(join(ROOT, document)))) {
  cpSync(join(ROOT, name), join(RELEASE, name), { recursive: true });
}
writeFileSync(join(RELEASE, "package.json"), `${JSON.stringify(manifest(), undefined, 2)}\n`);
setModes(RELEASE);
console.log(`The package is in ${RELEASE}; npm pack ${RELEASE} makes the archive.`);

/** As everybody has them: whoever makes a release may keep new files to themselves (umask), and the archive has the modes in it. */
function setModes(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const isProgram = entry.isDirectory() || path === join(folder, "bin/halfroom.js");
    chmodSync(path, isProgram ? 0o755 : 0o644);
  }
}

function manifest() {
  const { name, version, description, license, engines } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  const workspaces = releasedWorkspaces();
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines,
    bin: { halfroom: "bin/halfroom.js" },
    exports: {
      ".": { types: "./types/index.d.ts", default: "./lib/index.js" },
      "./package.json": "./package.json",
    },
    // install.js builds the add-on only where it is needed; by itself, npm would always build it.
    gypfile: false,
    scripts: { install: "node install.js" },
    dependencies: dependenciesOf(workspaces, "dependencies"),
    optionalDependencies: dependenciesOf(workspaces, "optionalDependencies"),
  };
}
