// The label of a row as SQL over the owner's own table, for whoever selects the rows of a cohort there.
import { identifier, literal, owned, trimmed } from "../engine/sql.ts";
import { clockTime } from "../rows/dates.ts";
import { derivedLabel, isDated } from "../rows/derive.ts";
import { datedText, holdsDates, readAs } from "../rows/declared-type.ts";
import { withoutWords } from "../rows/values.ts";
import { columnTypeOf, type Dataset } from "./schema.ts";

/**
 * SQL of DuckDB for the label that a row of the dataset's source gives its dimension, "" where it has none. Undefined for a dimension
 * that the dataset lacks, and for one whose label follows from all rows of a person (`pick`), which no condition on a row can tell.
 */
export function labelExpression(dataset: Dataset, name: string): string | undefined {
  const { dimensions, zone } = dataset;
  const dimension = Object.hasOwn(dimensions, name) ? dimensions[name] : undefined;
  if (dimension === undefined || dimension.pick !== "first") return undefined;
  const { column = name, expression, derive, null: onNull } = dimension;
  const value = expression === undefined ? columnValue(dataset, column, isDated(derive)) : owned(expression);
  const text = isDated(derive) ? clockTime(trimmed(`${value}::varchar`), zone) : value;
  const label = derive === undefined ? wholeLabel(`${value}::varchar`) : derivedLabel(derive, text);
  return `coalesce(${label}, ${onNull === "drop" ? "''" : literal(onNull.label)})`;
}

/** A whole number that went through a float is that number, as in the dataset. */
function wholeLabel(text: string): string {
  return `nullif(regexp_replace(${text}, '^(-?(?:0|[1-9][0-9]{0,15}))[.]0$', '\\1'), '')`;
}

function columnValue(dataset: Dataset, name: string, dated: boolean): string {
  const declared = columnTypeOf(dataset, name);
  const words = dataset.nullWords;
  const column = words.length === 0 ? identifier(name) : `(${withoutWords(identifier(name), words)})`;
  if (declared === undefined || declared.type === "text") return column;
  const text = trimmed(`${column}::varchar`);
  return dated && holdsDates(declared) ? datedText(text, declared) : readAs(text, declared, dataset.zone);
}
