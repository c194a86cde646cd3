// Something that is loaded: a placeholder, a problem, or what came.
import type { ComponentChildren } from "preact";
import type { Loaded } from "../use.ts";
import { Loading } from "./basics.tsx";
import { Problem } from "./problem.tsx";

export function Shown<T>({
  loaded: { data, error },
  lines = 4,
  children,
}: {
  readonly loaded: Loaded<T>;
  readonly lines?: number;
  readonly children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      <Problem error={error} />
      {data === undefined ? error === undefined && <Loading lines={lines} /> : children(data)}
    </>
  );
}
