// Tables: the first column names its row, numbers are on the right; one that is too wide scrolls by itself.
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly isNumber?: boolean;
  /** Left out on a telephone. */
  readonly isMore?: boolean;
}

export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
}) {
  const classOf = ({ isNumber, isMore }: Column<Row>) =>
    [isNumber === true ? "number" : "", isMore === true ? "more" : ""].join(" ").trim();
  const place = useRef<HTMLDivElement>(null);
  const isWide = useIsWide(place);
  return (
    <>
      {isWide && <p class="hint sideways">There is more at the side: scroll the table.</p>}
      <div class="scroll" role="group" tabIndex={0} aria-label={caption} ref={place}>
        <table>
          <caption class="sr">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) =>
                column.head === "" ? (
                  <td class={classOf(column)} />
                ) : (
                  <th scope="col" class={classOf(column)}>
                    {column.head}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column, i) =>
                  i === 0 ? (
                    <th scope="row" class={classOf(column)}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td class={classOf(column)}>{column.cell(row)}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Whether what is in the place is wider than it, now that it is laid out. */
function useIsWide(place: RefObject<HTMLDivElement | null>): boolean {
  const [isWide, setIsWide] = useState(false);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const look = () => setIsWide(current.scrollWidth > current.clientWidth + 1);
    const observer = new ResizeObserver(look);
    observer.observe(current);
    observer.observe(current.firstElementChild!);
    return () => observer.disconnect();
  }, []);
  return isWide;
}
