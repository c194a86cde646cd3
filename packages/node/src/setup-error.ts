/** Something about this node's own folder, keys, settings or command that its operator can mend; the message says how. */
export class SetupError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "SetupError";
  }
}
