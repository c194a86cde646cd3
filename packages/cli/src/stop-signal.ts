// How commands that go on until they are told to stop are told so.

/**
 * The first signal that asks for an end. A second one does not wait for what is running: nobody listens to it any more, so it ends the
 * process. `process.exit` would wait for data that is being read, which waits for this thread.
 */
export async function firstSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    const names = ["SIGTERM", "SIGINT"] as const;
    const onSignal = (name: NodeJS.Signals): void => {
      names.forEach((each) => process.off(each, onSignal));
      resolve(name);
    };
    names.forEach((each) => process.on(each, onSignal));
  });
}
