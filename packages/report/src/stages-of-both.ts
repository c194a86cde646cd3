// The stages of both sides in one list.

/** What a stage cost one side, according to its report. */
export interface StageOfSide {
  readonly name: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Seconds are the slower side's, processor seconds both sides' together, bytes what each side sent. */
export interface StageOfBoth {
  readonly name: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly senderBytes: number;
  readonly receiverBytes: number;
}

export function mergeStages(sender: readonly StageOfSide[], receiver: readonly StageOfSide[]): StageOfBoth[] {
  return receiver.map(({ name, seconds, cpuSeconds, bytesSent, bytesReceived }) => {
    const other = sender.find((stage) => stage.name === name);
    return {
      name,
      seconds: Math.max(seconds, other?.seconds ?? 0),
      cpuSeconds: cpuSeconds + (other?.cpuSeconds ?? 0),
      senderBytes: bytesReceived,
      receiverBytes: bytesSent,
    };
  });
}
