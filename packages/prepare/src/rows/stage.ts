// The rows of all parts in one table of the engine: digests, scaled measures, labels, and why a row is left out.
import type { KeyPlan, Plan } from "../dataset/request.ts";
import { columnTypeOf, type Dimension } from "../dataset/schema.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { identifier, literal, owned, trimmed } from "../engine/sql.ts";
import { InputError } from "../errors.ts";
import { columnOf } from "../sources/columns.ts";
import { mentions, uses } from "../sources/alike.ts";
import { columnAlias, HALF, ROW, type Part } from "../sources/part.ts";
import { faultMark, faultWords, NULL_WORD_REMEDY, NULL_WORDS_SQL } from "../identifiers/faults.ts";
import { LOST_DIGITS } from "../sources/digits.ts";
import { clockTime, dateFault, momentFault } from "./dates.ts";
import { datedText, holdsDates, readAs } from "./declared-type.ts";
import { derivedLabel, deriveKind, isDated, summand } from "./derive.ts";
import { FILTERED, OUTSIDE, type Reasons } from "./faults.ts";
import { faultName, identifierExpression, isDigest, ofFault } from "./identify.ts";
import { moment, NO_MOMENT } from "./moment.ts";
import { measureFault, measureText, measureValue } from "./measures.ts";
import {
  identifierValue,
  isBytes,
  labelValue,
  plainValue,
  utf8,
  withoutWords,
  type Value,
} from "./values.ts";

/**
 * Columns of the staged table: ord (the part's number times 2^40 plus the row), fault (0 for a row that counts), i0, i1,
 * ... the digests or NULL, x0, x1, ... why a text is not an identifier, or NULL, person (if declared), m0, m1, ...
 * the scaled measures, d0, d1, ... the labels, o0, o1, ... what "last by" orders by, t (if asked for) the moment.
 */
export const STAGED = "halfroom_staged";
export const ORD_SHIFT = 2n ** 40n;

/** An expression over a row, and the name that later layers use for it. */
type Named = readonly [expression: string, name: string];

/** The label, or the number that is to be added up first. */
function stagedLabel({ derive, pick, expression }: Plan["dimensions"][number], value: Value): string {
  if (derive === undefined) return labelValue(value, { column: expression === undefined });
  const plain = plainValue(value);
  return pick === "sum" ? summand(derive, plain) : derivedLabel(derive, plain);
}

/** SQL for a column's text, trimmed. */
function textOf(alias: string, type: string): string {
  return trimmed(type === "BLOB" ? utf8(alias) : `${alias}::varchar`);
}

/** A number of JSON whose digits may be lost is no amount, but its label is what it is. */
function withoutMarks(value: Value): Value {
  return value.isNumber === undefined
    ? value
    : { ...value, sql: `ltrim(${value.sql}, ${literal(LOST_DIGITS)})` };
}

/** Where rows are to be read from: a part with its relation, and the types of its columns. */
interface TypedPart extends Part {
  readonly types: readonly string[];
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
    for (const [index, each] of parts.entries()) {
      const part = await this.#typedPart(each);
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

  /** The part with the types of its columns, and without the words that its owner declares to mean NULL. */
  async #typedPart(part: Part): Promise<TypedPart> {
    const words = this.#plan.dataset.nullWords;
    const described = await this.#typesOf(part, part.relation);
    const types = part.columns.map((_, i) => described.get(columnAlias(i))!);
    if (words.length === 0) return { ...part, types };
    const replaced = part.columns.flatMap((_, i) =>
      types[i] === "VARCHAR" ? [`${withoutWords(columnAlias(i), words)} as ${columnAlias(i)}`] : [],
    );
    const relation = `select * replace (${replaced.join(", ")}) from (${part.relation})`;
    return { ...part, types, relation: replaced.length === 0 ? part.relation : relation };
  }

  /** The types of a SELECT's columns, by name. */
  async #typesOf(part: Part, select: string): Promise<ReadonlyMap<string, string>> {
    const described = await this.#engine.rows(`describe ${select}`, this.#blame(part));
    return new Map(described.map(([name, type]) => [String(name), String(type)]));
  }

  async #rowsOf(part: TypedPart, index: number): Promise<string> {
    const named = `select *${this.#namedColumns(part)} from (${part.relation})`;
    // A key's column that is missing is the first that its owner wants to hear of.
    for (const { columns } of this.#plan.keys) columns.forEach((name) => this.#position(part, name));
    await this.#assertExpressions(part, named);
    const values = this.#values(part, await this.#declaredValues(part, named));
    const valued = `select ${ROW}, ${values.map(([value, name]) => `${value} as ${name}`).join(", ")} from (${named})`;
    const { keys, measures, dimensions, dataset } = this.#plan;
    const columns = [
      `${BigInt(index) * ORD_SHIFT} + ${ROW} as ord`,
      `${this.#faultOrOutside("flaw")} as fault`,
      ...keys.map((_, k) => `case when ${isDigest(`i${k}`)} then i${k} end as i${k}`),
      ...keys.map((_, k) => `${faultName(`i${k}`)} as x${k}`),
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
  #namedColumns(part: TypedPart): string {
    const { columns } = part;
    const lower = columns.map(({ name }) => name.toLowerCase());
    return columns
      .map(({ name }, i) => {
        const unique = lower.filter((other) => other === lower[i]).length === 1;
        const usable = unique && name !== "" && !name.toLowerCase().startsWith("halfroom_");
        return usable ? `, ${this.#typed(part, i)} as ${identifier(name)}` : "";
      })
      .join("");
  }

  /** A column's value in the type that the dataset declares; NULL where the text is not of that type. */
  #typed({ columns, types }: TypedPart, position: number): string {
    const { name, typed } = columns[position]!;
    const alias = columnAlias(position);
    const declared = columnTypeOf(this.#plan.dataset, name);
    if (declared === undefined || declared.type === "text")
      return typed && declared !== undefined ? `${alias}::varchar` : alias;
    const text = textOf(alias, types[position]!);
    const written = declared.type === "double" ? `ltrim(${text}, ${literal(LOST_DIGITS)})` : text;
    return readAs(written, declared, this.#plan.dataset.zone);
  }

  /** What a month, a week or a moment is taken from: a declared date or time keeps its offset. */
  #dated(
    part: TypedPart,
    name: string,
    declared: { column?: string | undefined; expression?: string | undefined },
  ): string {
    const column = declared.column ?? name;
    const type = declared.expression === undefined ? columnTypeOf(this.#plan.dataset, column) : undefined;
    if (!holdsDates(type)) return this.#value(part, name, declared);
    const position = this.#position(part, column);
    return datedText(textOf(columnAlias(position), part.types[position]!), type);
  }

  /** A column as what tells people apart: in the type of the source, or as numbers if it is declared so. */
  #keyValue(part: TypedPart, name: string): Value {
    const position = this.#position(part, name);
    if (columnTypeOf(this.#plan.dataset, name)?.type === "double")
      return { sql: this.#typed(part, position), type: "DOUBLE" };
    const { isNumber } = part.columns[position]!;
    return { sql: columnAlias(position), type: part.types[position]!, isNumber };
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
    part: TypedPart,
    name: string,
    declared: { column?: string | undefined; expression?: string | undefined },
  ): string {
    if (declared.expression !== undefined) return owned(declared.expression);
    return this.#typed(part, this.#position(part, declared.column ?? name));
  }

  /** The values of measures and then of dimensions, each with its type. */
  async #declaredValues(part: TypedPart, named: string): Promise<Value[]> {
    const { measures, dimensions } = this.#plan;
    const declared = [...measures, ...dimensions];
    const sqls = declared.map((each) => this.#value(part, each.name, each));
    if (sqls.length === 0) return [];
    const types = await this.#typesOf(
      part,
      `select ${sqls.map((sql, i) => `${sql} as v${i}`).join(", ")} from (${named})`,
    );
    return declared.map(({ name, column, expression }, i) => {
      const type = types.get(`v${i}`)!;
      const isText = expression === undefined && type === "VARCHAR";
      const { isNumber } = isText ? part.columns[this.#position(part, column ?? name)]! : {};
      return { sql: sqls[i]!, type, isNumber };
    });
  }

  #values(part: TypedPart, declared: readonly Value[]): Named[] {
    const { keys, measures, dimensions, dataset } = this.#plan;
    const values: Named[] = keys.map((key, k) => [this.#identifier(part, key, k), `i${k}`]);
    if (dataset.person !== undefined) values.push([this.#person(part, dataset.person), "person"]);
    measures.forEach((measure, m) => values.push([measureText(measure, declared[m]!), `m${m}`]));
    dimensions.forEach((dimension, d) => {
      const { pick, derive, name } = dimension;
      if (isDated(derive)) {
        const text = trimmed(`${this.#dated(part, name, dimension)}::varchar`);
        values.push([`nullif(${text}, '')`, `v${d}`]);
        values.push([derivedLabel(derive, clockTime(text, dataset.zone)), `d${d}`]);
      } else {
        const value = withoutMarks(declared[measures.length + d]!);
        values.push([`nullif(${plainValue(value)}, '')`, `v${d}`]);
        values.push([stagedLabel(dimension, value), `d${d}`]);
      }
      if (typeof pick === "object") {
        values.push([this.#typed(part, this.#position(part, pick.lastBy)), `o${d}`]);
      }
    });
    if (this.#plan.moments !== "none") {
      const value = this.#dated(part, "time", dataset.time!);
      values.push([`nullif(${trimmed(`${value}::varchar`)}, '')`, "vt"], [moment(value, dataset.zone), "t"]);
    }
    for (const { expression, passes } of this.#where)
      values.push([`coalesce(${owned(expression)}::boolean, false)`, passes]);
    values.push([this.#columnFault(part, declared), "misfit"]);
    return values;
  }

  /** What tells people apart, in which a whole number that went through a float is that number. */
  #person(part: TypedPart, name: string): string {
    const text = identifierValue(this.#keyValue(part, name), { hashed: false, maid: false });
    const whole = `ends_with(${text}, '.0') and regexp_full_match(${text}, '-?(0|[1-9][0-9]{0,14})[.]0')`;
    return `case when ${whole} then left(${text}, length(${text}) - 2) else ${text} end`;
  }

  /** One function in the engine for each key, whatever the number of parts. */
  #identifier(part: TypedPart, key: KeyPlan, index: number): string {
    const texts = key.columns.map((_, c) => `halfroom_text_${c}`);
    this.#identifiers ??= this.#plan.keys.map((each, k) =>
      identifierExpression(
        this.#engine,
        each,
        k,
        each.columns.map((_, c) => `halfroom_text_${c}`),
      ),
    );
    return texts.reduce((expression, text, c) => {
      const value = identifierValue(this.#keyValue(part, key.columns[c]!), {
        hashed: key.hashed,
        maid: key.type === "maid",
      });
      return expression.replaceAll(text, () => value);
    }, this.#identifiers[index]!);
  }

  /** The reason for text that is not of its column's declared type, or that is used and not whole, and for bytes that are no text. */
  #columnFault(part: TypedPart, declared: readonly Value[]): string {
    const { dataset, measures, dimensions } = this.#plan;
    const broken = part.columns.flatMap(({ name }, i) => {
      if (part.halves !== true || !this.#uses(name)) return [];
      const reason = this.#reasons.numberOf(`${name}: half a character (a surrogate without the other)`);
      return [`when contains(${columnAlias(i)}, ${literal(HALF)}) then ${reason}`];
    });
    const untyped = part.columns.flatMap(({ name }, i) => {
      const declaredType = columnTypeOf(dataset, name);
      if (declaredType === undefined || declaredType.type === "text") return [];
      const text = textOf(columnAlias(i), part.types[i]!);
      const { type, formats } = declaredType;
      const what = `${name}: ${formats.length > 0 ? "not in a format declared for it" : `not of type ${type}`}`;
      const reason =
        type === "date" || type === "timestamp"
          ? dateFault(text, what, this.#reasons)
          : String(this.#reasons.numberOf(what));
      return [`when ${text} <> '' and ${this.#typed(part, i)} is null then ${reason}`];
    });
    const unread = [...measures, ...dimensions].flatMap(({ name }, i) => {
      const value = declared[i]!;
      if (!isBytes(value)) return [];
      const reason = this.#reasons.numberOf(`${name}: bytes that are not text in UTF-8`);
      return [`when ${value.sql} is not null and ${utf8(value.sql)} is null then ${reason}`];
    });
    const whens = [...broken, ...untyped, ...unread];
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
    const reason = (text: string, remedy?: string): number => this.#reasons.numberOf(text, remedy);
    const whens = [
      "when misfit > 0 then misfit",
      ...(this.#filters("in_dataset") ? [`when not in_dataset then ${FILTERED}`] : []),
      ...(keys.length === 1
        ? [
            `when not ${isDigest("i0")} then ${ofFault("i0", (fault) => {
              const [words, remedy] = faultWords(fault);
              return reason(`${keys[0]!.name}: ${words}`, remedy);
            })}`,
          ]
        : [
            `when ${keys.map((_, k) => `not ${isDigest(`i${k}`)}`).join(" and ")} then ${reason("no identifier")}`,
          ]),
      ...(this.#plan.dataset.person === undefined ? [] : this.#personFaults(this.#plan.dataset.person)),
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

  /** A value that would make strangers one person: a word for NULL, or a number that a float does not hold. */
  #personFaults(column: string): string[] {
    const marks = (["imprecise", "fraction", "bytes"] as const).map((fault) => {
      const [words, remedy] = faultWords(fault);
      const reason = this.#reasons.numberOf(`${column}: ${words}`, remedy);
      return `when person = ${literal(faultMark(fault))} then ${reason}`;
    });
    const word = this.#reasons.numberOf(`${column}: a word for NULL`, NULL_WORD_REMEDY);
    return [`when lower(${trimmed("person")}) in (${NULL_WORDS_SQL}) then ${word}`, ...marks];
  }

  #deriveFault(name: string, derive: NonNullable<Dimension["derive"]>, text: string): string {
    const what = `${name}: ${deriveKind(derive)}`;
    return isDated(derive) ? dateFault(text, what, this.#reasons) : String(this.#reasons.numberOf(what));
  }

  /** Binds each of the owner's expressions on its own, so that an error can name it. */
  async #assertExpressions(part: TypedPart, named: string): Promise<void> {
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
