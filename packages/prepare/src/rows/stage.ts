// The rows of all parts in one table of the engine: digests, scaled measures, labels, and why a row is left out.
import type { KeyPlan, Plan } from "../dataset/request.ts";
import { columnTypeOf, hasOffset, type Dimension, type TypeOfColumn } from "../dataset/schema.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { identifier, literal, owned, trimmed } from "../engine/sql.ts";
import { InputError } from "../errors.ts";
import { columnOf } from "../sources/columns.ts";
import { mentions, uses } from "../sources/alike.ts";
import { columnAlias, HALF, ROW, type Part } from "../sources/part.ts";
import { clockTime, dateFault, formatted, momentFault } from "./dates.ts";
import { derivedLabel, deriveKind, isDated, summand } from "./derive.ts";
import { FILTERED, OUTSIDE, type Reasons } from "./faults.ts";
import { identifierExpression, isDigest, isEmptyFault } from "./identify.ts";
import { moment, NO_MOMENT } from "./moment.ts";
import { measureFault, measureValue } from "./measures.ts";

/**
 * Columns of the staged table: ord (the part's number times 2^40 plus the row), fault (0 for a row that counts), i0, i1,
 * ... the digests or NULL, x0, x1, ... whether there was text that is not an identifier, person (if declared), m0, m1, ...
 * the scaled measures, d0, d1, ... the labels, o0, o1, ... what "last by" orders by, t (if asked for) the moment.
 */
export const STAGED = "halfroom_staged";
export const ORD_SHIFT = 2n ** 40n;

const SQL_TYPES: Readonly<Record<string, string>> = {
  text: "VARCHAR",
  integer: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
};

/** An expression over a row, and the name that later layers use for it. */
type Named = readonly [expression: string, name: string];

/** The label, or the number that is to be added up first. */
function stagedLabel({ derive, pick }: Plan["dimensions"][number], value: string): string {
  if (derive === undefined) return `nullif(${value}::varchar, '')`;
  return pick === "sum" ? summand(derive, value) : derivedLabel(derive, value);
}

export class Stager {
  readonly #engine: Engine;
  readonly #plan: Plan;
  readonly #reasons: Reasons;
  readonly #where: readonly { field: string; expression: string; passes: string }[];
  #identifiers: string[] | undefined;

  /** `where` is the owner's own filter for this report, in addition to the dataset's. */
  constructor(engine: Engine, plan: Plan, reasons: Reasons, where: string | undefined) {
    this.#engine = engine;
    this.#plan = plan;
    this.#reasons = reasons;
    this.#where = [
      { field: "where of the dataset", expression: plan.dataset.where ?? "", passes: "in_dataset" },
      { field: "where of the report", expression: where ?? "", passes: "in_report" },
    ].filter(({ expression }) => expression !== "");
  }

  /** Adds the rows of all parts. Throws `InputError`. */
  async stage(parts: readonly Part[]): Promise<void> {
    for (const [index, part] of parts.entries()) {
      const rows = await this.#rowsOf(part, index);
      const into = index === 0 ? `create table ${STAGED} as` : `insert into ${STAGED}`;
      await this.#engine.run(`${into} ${rows}`, this.#blame(part));
    }
  }

  #blame({ label }: Part): Blame {
    const remedy =
      "A value does not fit an expression of the dataset, or the file is damaged: use try_cast in expressions.";
    return { code: "expression", file: label, remedy };
  }

  async #rowsOf(part: Part, index: number): Promise<string> {
    const named = `select *${this.#namedColumns(part)} from (${part.relation})`;
    await this.#assertExpressions(part, named);
    const values = this.#values(part);
    const valued = `select ${ROW}, ${values.map(([value, name]) => `${value} as ${name}`).join(", ")} from (${named})`;
    const { keys, measures, dimensions, dataset } = this.#plan;
    const columns = [
      `${BigInt(index) * ORD_SHIFT} + ${ROW} as ord`,
      `${this.#faultOrOutside("flaw")} as fault`,
      ...keys.map((_, k) => `case when ${isDigest(`i${k}`)} then i${k} end as i${k}`),
      ...keys.map((_, k) => `(not ${isDigest(`i${k}`)} and not ${isEmptyFault(`i${k}`)}) as x${k}`),
      ...(dataset.person === undefined ? [] : ["person"]),
      ...measures.map((measure, m) => `${measureValue(measure, `m${m}`)} as m${m}`),
      ...dimensions.map(({ null: onNull, pick }, d) => {
        if (onNull === "drop") return `d${d}`;
        return pick === "sum"
          ? `coalesce(d${d}, 0) as d${d}`
          : `coalesce(d${d}, ${literal(onNull.label)}) as d${d}`;
      }),
      ...dimensions.map((_, d) => `case when v${d} is not null then true end as l${d}`),
      ...dimensions.flatMap(({ pick }, d) => (typeof pick === "object" ? [`o${d}`] : [])),
      ...(this.#plan.moments === "none" ? [] : ["t"]),
    ];
    const judged = measures.map(
      (measure, m) => `, ${measureFault(measure, `m${m}`, this.#reasons)} as f${m}`,
    );
    const flawed = `select *, ${this.#fault()} as flaw from (select *${judged.join("")} from (${valued}))`;
    return `select ${columns.join(", ")} from (${flawed})`;
  }

  /** The columns under their own names, for expressions: those whose name no other column has, whatever the case of letters. */
  #namedColumns({ columns }: Part): string {
    const lower = columns.map(({ name }) => name.toLowerCase());
    return columns
      .map(({ name }, i) => {
        const unique = lower.filter((other) => other === lower[i]).length === 1;
        const usable = unique && name !== "" && !name.toLowerCase().startsWith("halfroom_");
        return usable ? `, ${this.#typed(columns, i)} as ${identifier(name)}` : "";
      })
      .join("");
  }

  /** A column's value in the type that the dataset declares; NULL where the text is not of that type. */
  #typed(columns: Part["columns"], position: number): string {
    const { name, typed } = columns[position]!;
    const alias = columnAlias(position);
    const declared = columnTypeOf(this.#plan.dataset, name);
    if (declared === undefined || declared.type === "text")
      return typed && declared !== undefined ? `${alias}::varchar` : alias;
    const { type } = declared;
    if (type === "timestamp") return this.#clockTime(alias, declared);
    if (type === "date") return `${this.#clockTime(alias, declared)}::date`;
    return `try_cast(${trimmed(`${alias}::varchar`)} as ${SQL_TYPES[type] ?? type})`;
  }

  /** A declared date or time, as clocks of the dataset's zone show it. */
  #clockTime(alias: string, { formats }: TypeOfColumn): string {
    const { zone } = this.#plan.dataset;
    const text = trimmed(`${alias}::varchar`);
    if (formats.length === 0) return clockTime(text, zone);
    const read = formatted(text, formats);
    return hasOffset(formats) ? `timezone(${literal(zone)}, ${read})` : read;
  }

  /** What a month, a week or a moment is taken from: a declared date or time keeps its offset. */
  #dated(
    part: Part,
    name: string,
    declared: { column?: string | undefined; expression?: string | undefined },
  ): string {
    const column = declared.column ?? name;
    const type = declared.expression === undefined ? columnTypeOf(this.#plan.dataset, column) : undefined;
    if (type?.type !== "date" && type?.type !== "timestamp") return this.#value(part, name, declared);
    const text = trimmed(this.#text(part, column));
    return type.formats.length === 0 ? text : formatted(text, type.formats);
  }

  #text(part: Part, name: string): string {
    return `${columnAlias(this.#position(part, name))}::varchar`;
  }

  #position({ label, columns }: Part, name: string): number {
    return columnOf(
      label,
      columns.map((column) => column.name),
      name,
    );
  }

  /** A declared column as its type, or the owner's expression. */
  #value(
    part: Part,
    name: string,
    declared: { column?: string | undefined; expression?: string | undefined },
  ): string {
    if (declared.expression !== undefined) return owned(declared.expression);
    return this.#typed(part.columns, this.#position(part, declared.column ?? name));
  }

  #values(part: Part): Named[] {
    const { keys, measures, dimensions, dataset } = this.#plan;
    const values: Named[] = keys.map((key, k) => [this.#identifier(part, key, k), `i${k}`]);
    if (dataset.person !== undefined) values.push([this.#text(part, dataset.person), "person"]);
    measures.forEach((measure, m) => {
      values.push([trimmed(`${this.#value(part, measure.name, measure)}::varchar`), `m${m}`]);
    });
    dimensions.forEach((dimension, d) => {
      const { pick, derive } = dimension;
      const dated = isDated(derive);
      const { name } = dimension;
      const value = dated ? this.#dated(part, name, dimension) : this.#value(part, name, dimension);
      const text = dated ? trimmed(`${value}::varchar`) : `${value}::varchar`;
      values.push([`nullif(${text}, '')`, `v${d}`]);
      values.push([stagedLabel(dimension, dated ? clockTime(text, dataset.zone) : value), `d${d}`]);
      if (typeof pick === "object") {
        values.push([this.#typed(part.columns, this.#position(part, pick.lastBy)), `o${d}`]);
      }
    });
    if (this.#plan.moments !== "none") {
      const value = this.#dated(part, "time", dataset.time!);
      values.push([`nullif(${trimmed(`${value}::varchar`)}, '')`, "vt"], [moment(value, dataset.zone), "t"]);
    }
    for (const { expression, passes } of this.#where)
      values.push([`coalesce(${owned(expression)}::boolean, false)`, passes]);
    values.push([this.#columnFault(part), "misfit"]);
    return values;
  }

  /** One function in the engine for each key, whatever the number of parts. */
  #identifier(part: Part, key: KeyPlan, index: number): string {
    const texts = key.columns.map((_, c) => `halfroom_text_${c}`);
    this.#identifiers ??= this.#plan.keys.map((each, k) =>
      identifierExpression(
        this.#engine,
        each,
        k,
        each.columns.map((_, c) => `halfroom_text_${c}`),
      ),
    );
    return texts.reduce(
      (expression, text, c) => expression.replaceAll(text, this.#text(part, key.columns[c]!)),
      this.#identifiers[index]!,
    );
  }

  /** The reason for text that is not of its column's declared type, or that is used and not whole. */
  #columnFault(part: Part): string {
    const broken = part.columns.flatMap(({ name }, i) => {
      if (part.halves !== true || !this.#uses(name)) return [];
      const reason = this.#reasons.numberOf(`${name}: half a character (a surrogate without the other)`);
      return [`when contains(${columnAlias(i)}, ${literal(HALF)}) then ${reason}`];
    });
    const untyped = part.columns.flatMap(({ name }, i) => {
      const declared = columnTypeOf(this.#plan.dataset, name);
      if (declared === undefined || declared.type === "text") return [];
      const text = trimmed(`${columnAlias(i)}::varchar`);
      const { type, formats } = declared;
      const what = `${name}: ${formats.length > 0 ? "not in a format declared for it" : `not of type ${type}`}`;
      const reason =
        type === "date" || type === "timestamp"
          ? dateFault(text, what, this.#reasons)
          : String(this.#reasons.numberOf(what));
      return [`when ${text} <> '' and ${this.#typed(part.columns, i)} is null then ${reason}`];
    });
    const whens = [...broken, ...untyped];
    return whens.length === 0 ? "0" : `case ${whens.join(" ")} else 0 end`;
  }

  #uses(column: string): boolean {
    return (
      uses(this.#plan.dataset, column) || this.#where.some(({ expression }) => mentions(expression, column))
    );
  }

  /** A fault of the row, unless the report's filter leaves it out, which only a text that is not of its type comes before. */
  #faultOrOutside(flaw: string): string {
    if (!this.#filters("in_report")) return flaw;
    const left = `case when ${flaw} = 0 then ${OUTSIDE} else ${FILTERED} end`;
    return `(case when misfit > 0 or in_report then ${flaw} else ${left} end)::usmallint`;
  }

  #filters(by: "in_dataset" | "in_report"): boolean {
    return this.#where.some(({ passes }) => passes === by);
  }

  /** Why a row is left out, in this order: types, the dataset's filter, identifiers, measures, dimensions, time. */
  #fault(): string {
    const { keys, measures, dimensions, dataset } = this.#plan;
    const reason = (text: string): number => this.#reasons.numberOf(text);
    const whens = [
      "when misfit > 0 then misfit",
      ...(this.#filters("in_dataset") ? [`when not in_dataset then ${FILTERED}`] : []),
      ...(keys.length === 1
        ? [
            `when ${isEmptyFault("i0")} then ${reason(`${keys[0]!.name}: empty`)}`,
            `when not ${isDigest("i0")} then ${reason(`${keys[0]!.name}: invalid`)}`,
          ]
        : [
            `when ${keys.map((_, k) => `not ${isDigest(`i${k}`)}`).join(" and ")} then ${reason("no identifier")}`,
          ]),
      ...measures.map((_, m) => `when f${m} > 0 then f${m}`),
      ...dimensions.flatMap(({ name, derive, null: onNull }, d) => [
        ...(derive === undefined
          ? []
          : [`when v${d} is not null and d${d} is null then ${this.#deriveFault(name, derive, `v${d}`)}`]),
        ...(onNull === "drop" ? [`when d${d} is null then ${reason(`${name}: empty`)}`] : []),
      ]),
      ...(this.#plan.moments === "needed"
        ? [
            `when vt is null then ${reason("time: empty")}`,
            `when t is null then ${momentFault("vt", dataset.zone, NO_MOMENT, this.#reasons)}`,
          ]
        : []),
    ];
    return `(case ${whens.join("\n")} else 0 end)::usmallint`;
  }

  #deriveFault(name: string, derive: NonNullable<Dimension["derive"]>, text: string): string {
    const what = `${name}: ${deriveKind(derive)}`;
    return isDated(derive) ? dateFault(text, what, this.#reasons) : String(this.#reasons.numberOf(what));
  }

  /** Binds each of the owner's expressions on its own, so that an error can name it. */
  async #assertExpressions(part: Part, named: string): Promise<void> {
    const { dataset, measures, dimensions, moments } = this.#plan;
    const time = moments !== "none" ? [{ name: "time", expression: dataset.time?.expression }] : [];
    const expressions = [
      ...this.#where,
      ...[...measures, ...dimensions, ...time].flatMap(({ name, expression }) =>
        expression === undefined ? [] : [{ field: name, expression }],
      ),
    ];
    for (const { field, expression } of expressions) {
      const reason = await this.#engine.unboundReason(`select ${owned(expression)} from (${named}) limit 0`);
      if (reason === undefined) continue;
      const file = `dataset ${dataset.name}`;
      throw new InputError("expression", { file, field, remedy: reason });
    }
  }
}
