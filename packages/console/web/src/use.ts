// What parts of the page do again and again: load something, and do something that may not succeed.
import { ProblemError } from "@halfroom/console/client";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useHouse } from "./house.ts";

export interface Loaded<T> {
  /** What was loaded last; undefined before that. */
  readonly data: T | undefined;
  readonly error: unknown;
  reload(): void;
}

/** Loads anew when one of `inputs` changes. What has come stays until the next has. */
export function useLoaded<T>(load: () => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const { leave } = useHouse();
  const [state, setState] = useState<{ data?: T; error?: unknown }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (data) => isWanted && setState({ data }),
      (error: unknown) => {
        if (isSignedOut(error)) leave((error as Error).message);
        else if (isWanted) setState(({ data }) => ({ ...(data !== undefined && { data }), error }));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [...inputs, round]);
  return {
    data: state.data,
    error: state.error,
    reload: useCallback(() => setRound((last) => last + 1), []),
  };
}

export interface Act {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Does it once at a time; `done` is called where it succeeded. */
  run<T>(work: () => Promise<T>, done?: (result: T) => void): void;
  /** Of an error: what it was about has been written anew. */
  forget(): void;
}

export function useAct(): Act {
  const { leave } = useHouse();
  const [state, setState] = useState<{ isBusy: boolean; error?: unknown }>({ isBusy: false });
  const busy = useRef(false);
  const run = <T>(work: () => Promise<T>, done?: (result: T) => void): void => {
    if (busy.current) return;
    busy.current = true;
    setState({ isBusy: true });
    work().then(
      (result) => {
        busy.current = false;
        setState({ isBusy: false });
        done?.(result);
      },
      (error: unknown) => {
        busy.current = false;
        if (isSignedOut(error)) leave((error as Error).message);
        else setState({ isBusy: false, error });
      },
    );
  };
  const forget = () => setState(({ isBusy }) => ({ isBusy }));
  return { ...state, error: state.error, run, forget };
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === "unauthenticated";
}
