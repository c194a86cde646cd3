// Moments: whole seconds since 1970 in UTC, in 32 bits, so that two of them are cheap to compare on shares.
import { instant } from "./dates.ts";

/** For people with fewer entries or events: before every moment, and after every one. */
export const BEFORE_ALL = 0;
export const AFTER_ALL = 0xffff_ffff;

export const NO_MOMENT = "time: not a moment from 1970 to 2105";

/** Types whose values are seconds; digits in text are not, since they may be a date without hyphens. */
const NUMBERS =
  "^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|FLOAT|DOUBLE|DECIMAL.*)$";

/** SQL for the moment that a value means in the dataset's zone, rounded down to the second; NULL if it means none. */
export function moment(value: string, zone: string): string {
  const seconds = `case when regexp_matches(typeof(${value}), '${NUMBERS}') then try_cast(${value}::varchar as double)
    else epoch_us(${instant(`trim(${value}::varchar)`, zone)}) / 1000000 end`;
  return `(case when floor(${seconds}) > ${BEFORE_ALL} and floor(${seconds}) < ${AFTER_ALL}
    then floor(${seconds})::uinteger end)`;
}
