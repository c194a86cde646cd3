// Types of the library: what the compiler emits, without what the library's own names do not need; one file for each source
// file, laid out like the sources, so that they resolve without the workspaces.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { resolveSource, withDirectImports } from "./direct-imports.js";
import { LIBRARY, PACKAGES, ROOT } from "./places.js";
import { packageOf } from "./workspaces.js";

const IMPORT = /^import (?:type )?(?:\{([^}]*)\}|(\* as \w+|\w+)) from "([^"]+)";/gm;
const REEXPORT = /^export (?:type )?(?:\{([^}]*)\}|\*) from "([^"]+)";/gm;
const INLINE = /\bimport\("([^"]+)"\)\.(\w+)/g;
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:function|class|const|let|interface|type|enum|namespace) (\w+)/m;
const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g;

/** Writes `types/` into `out`. Throws if the types need a package that the library does not depend on. */
export function addDeclarations(out) {
  const emitted = mkdtempSync(join(out, "unfinished-types-"));
  try {
    emit(emitted);
    const modules = new Modules(emitted);
    for (const name of modules.at(LIBRARY).exported()) modules.need(LIBRARY, name);
    modules.write(join(out, "types"));
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
  const entry = relative(PACKAGES, LIBRARY).replace(/\.ts$/, ".js");
  writeFileSync(join(out, "types/index.d.ts"), `export * from "./${entry}";\n`);
}

function emit(folder) {
  const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", folder];
  const project = ["-p", join(ROOT, "tsconfig.release.json"), "--rootDir", PACKAGES];
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), [...project, ...flags], { cwd: ROOT, stdio: "inherit" });
}

class Modules {
  #emitted;
  #modules = new Map();

  constructor(emitted) {
    this.#emitted = emitted;
  }

  at(source) {
    const known = this.#modules.get(source);
    if (known !== undefined) return known;
    const text = readFileSync(join(this.#emitted, declarationsOf(source)), "utf8");
    const module = new Module(source, withDirectImports(text));
    this.#modules.set(source, module);
    return module;
  }

  /** Keeps the declaration of `name` in `source`, and everything that it refers to. */
  need(source, name) {
    for (const { from, name: other } of this.at(source).keep(name)) {
      if (/^(\.|\/|@halfroom\/)/.test(from)) this.need(resolveSource(from, source), other);
      else packageOf(from);
    }
  }

  write(folder) {
    for (const [source, module] of this.#modules) {
      const file = join(folder, declarationsOf(source));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, module.kept());
    }
  }
}

/** The declarations of one source file. */
class Module {
  #source;
  /** By local name: where it comes from and its name there. */
  #imports = new Map();
  /** What is re-exported, by its name here; under `*`, the files from which everything is. */
  #reexports = new Map();
  #everythingFrom = [];
  #statements;
  #kept = new Set();

  constructor(source, text) {
    this.#source = source;
    const rest = text
      .replaceAll("; import ", ";\nimport ")
      .replaceAll("; export ", ";\nexport ")
      .replace(IMPORT, (_, names, whole, from) => {
        if (whole !== undefined) this.#imports.set(whole.replace("* as ", ""), { from, whole });
        else for (const { name, local } of namesIn(names)) this.#imports.set(local, { from, name });
        return "";
      })
      .replace(REEXPORT, (_, names, from) => {
        if (names === undefined) this.#everythingFrom.push(from);
        else for (const { name, local } of namesIn(names)) this.#reexports.set(local, { from, name });
        return "";
      });
    this.#statements = statementsIn(rest);
  }

  exported() {
    const own = this.#statements.filter(({ text }) => /^export /m.test(text)).map(({ name }) => name);
    return [...own, ...this.#reexports.keys()];
  }

  /** Marks the declarations of `name`; gives what they need from other files. */
  keep(name) {
    const key = `name ${name}`;
    if (this.#kept.has(key)) return [];
    this.#kept.add(key);
    const from = this.#imports.get(name) ?? this.#reexports.get(name);
    if (from !== undefined) return from.whole === undefined ? [from] : [{ from: from.from, name: "default" }];
    const declarations = this.#statements.filter((statement) => statement.name === name);
    if (declarations.length === 0) return this.#everythingFrom.map((file) => ({ from: file, name }));
    return declarations.flatMap((statement) => {
      this.#kept.add(statement);
      const text = statement.text.replace(COMMENT, "");
      const inline = [...text.matchAll(INLINE)].map(([, file, other]) => ({ from: file, name: other }));
      const local = [...new Set(text.match(/\b[A-Za-z_]\w*\b/g))].filter((word) => this.#isKnown(word));
      return [...inline, ...local.flatMap((word) => this.keep(word))];
    });
  }

  #isKnown(word) {
    return this.#imports.has(word) || this.#statements.some(({ name }) => name === word);
  }

  kept() {
    const isKept = (name) => this.#kept.has(`name ${name}`);
    const lines = [];
    for (const [local, { from, name, whole }] of this.#imports) {
      if (!isKept(local)) continue;
      lines.push(`import type ${whole ?? `{ ${name} as ${local} }`} from "${this.#place(from)}";`);
    }
    for (const [local, { from, name }] of this.#reexports) {
      if (isKept(local)) lines.push(`export { ${name} as ${local} } from "${this.#place(from)}";`);
    }
    for (const from of this.#everythingFrom) lines.push(`export * from "${this.#place(from)}";`);
    for (const statement of this.#statements.filter((each) => this.#kept.has(each))) {
      const text = statement.text.replace(
        INLINE,
        (_, file, name) => `import("${this.#place(file)}").${name}`,
      );
      lines.push(text);
    }
    return `${lines.join("\n")}\nexport {};\n`;
  }

  #place(from) {
    if (!/^(\.|\/|@halfroom\/)/.test(from)) return from;
    const target = resolveSource(from, this.#source);
    const path = relative(dirname(this.#source), target).replace(/\.ts$/, ".js");
    return path.startsWith(".") ? path : `./${path}`;
  }
}

const STATEMENT = "(?:export|declare|interface|type|abstract|class|function|const) ";
/** A comment counts only right before a statement: the compiler begins lines within a union with comments too. */
const PIECE = new RegExp(String.raw`\n(?=(?:\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)?${STATEMENT})`);

/** Top-level statements with the comments before them: each begins at the start of a line. */
function statementsIn(text) {
  const statements = [];
  let comment = "";
  for (const piece of text.split(PIECE)) {
    const name = DECLARED.exec(piece)?.[1];
    if (name === undefined) {
      comment = `${piece}\n`;
      continue;
    }
    statements.push({ name, text: comment + piece });
    comment = "";
  }
  return statements;
}

/** `a, b as c, type D`, name by name. */
function namesIn(list) {
  const items = list.split(",").map((item) => item.trim());
  return items
    .filter((item) => item !== "")
    .map((item) => {
      const [name, local = name] = item.replace(/^type /, "").split(" as ");
      return { name, local };
    });
}

function declarationsOf(source) {
  return relative(PACKAGES, source).replace(/\.ts$/, ".d.ts");
}
