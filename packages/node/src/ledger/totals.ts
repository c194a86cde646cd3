// Sums over rows that are never changed, by group: what a digest of many rows is made from.

/** A group's name, for example a partner and a population, and sums over its rows; the first is their number. */
export interface Total {
  readonly group: readonly (string | number)[];
  readonly sums: readonly number[];
}

/** The totals without those rows that `less` is made of, in the order of their names; groups without rows are left out. */
export function totalsWithout(totals: readonly Total[], less: readonly Total[]): Total[] {
  const sums = new Map<string, number[]>();
  const add = (sign: 1 | -1) => (total: Total) => {
    const name = JSON.stringify(total.group);
    const so = sums.get(name) ?? total.sums.map(() => 0);
    sums.set(
      name,
      total.sums.map((sum, i) => so[i]! + sign * sum),
    );
  };
  totals.forEach(add(1));
  less.forEach(add(-1));
  return [...sums]
    .filter(([, [rows]]) => rows !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sum]) => ({ group: JSON.parse(name) as Total["group"], sums: sum }));
}
