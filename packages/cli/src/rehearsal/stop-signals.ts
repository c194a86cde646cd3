// Signals that ask this process to end while others work for it.

export const STOP_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface StopSignals {
  /** The first one that came. */
  readonly received: keyof typeof STOP_SIGNALS | undefined;
  /** Lets the signals end this process again. */
  forget(): void;
}

/** While watched, a signal that asks this process to end calls `stop` instead. */
export function watchStopSignals(stop: () => void): StopSignals {
  const names = Object.keys(STOP_SIGNALS) as (keyof typeof STOP_SIGNALS)[];
  let received: StopSignals["received"];
  const onSignal = (name: NodeJS.Signals): void => {
    received ??= name as keyof typeof STOP_SIGNALS;
    stop();
  };
  names.forEach((name) => process.on(name, onSignal));
  return {
    get received() {
      return received;
    },
    forget: () => names.forEach((name) => process.off(name, onSignal)),
  };
}
