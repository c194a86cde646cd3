// What is wrong with a YAML file that a person wrote: every fault at once, each with its place and its remedy.

export interface YamlProblem {
  /** From 1. */
  readonly line: number;
  /** Dotted path, for example `ours.measures.revenue.low`; "" for the file as a whole. */
  readonly field: string;
  readonly fault: string;
  readonly remedy: string;
}

/** The message lists the problems, a line each: file, line, field, fault, remedy. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  readonly file: string;
  readonly problems: readonly YamlProblem[];

  constructor(file: string, problems: readonly YamlProblem[]) {
    const sorted = problems.toSorted((a, b) => a.line - b.line);
    super(sorted.map((problem) => describeProblem(file, problem)).join("\n"));
    this.file = file;
    this.problems = sorted;
  }
}

function describeProblem(file: string, { line, field, fault, remedy }: YamlProblem): string {
  return `${file}, line ${line}${field === "" ? "" : `, ${field}`}: ${fault}. ${remedy}`;
}
