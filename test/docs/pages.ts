// Which documents there are.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./typing.ts";

const markdownIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));

/** What users read: their commands are typed. */
export const USER_PAGES = ["README.md", ...markdownIn("docs").toSorted()];

/** References with so many commands that only the slow tests type them. */
export const LONG_PAGES: readonly string[] = ["docs/cli.md", "docs/requests.md"];

/** What people who work on the code read as well. */
export const OTHER_PAGES = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "protocol-spec.md",
  ...markdownIn("test"),
  ...readdirSync(join(ROOT, "packages")).map((name) => join("packages", name, "README.md")),
].filter((path) => existsSync(join(ROOT, path)));
