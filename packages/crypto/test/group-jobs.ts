import type { Job } from "@halfroom/crypto";

const module = new URL("./group-jobs.ts", import.meta.url).href;

type Points = { readonly points: Uint8Array<ArrayBuffer> };

export const baseJob: Job<{ readonly scalars: Uint8Array<ArrayBuffer> }, Points> = {
  module,
  name: "baseJob",
  run: (kernel, { scalars }) => ({ points: kernel.multiplyBase(scalars) }),
};

export const doubleJob: Job<Points, Points> = {
  module,
  name: "doubleJob",
  run(kernel, { points }) {
    const doubled = kernel.add(points, points);
    return doubled && { points: doubled };
  },
};

/** Tells which kernel a worker has. */
export const kernelNameJob: Job<Record<string, never>, { readonly name: Uint8Array<ArrayBuffer> }> = {
  module,
  name: "kernelNameJob",
  run: (kernel) => ({ name: new TextEncoder().encode(kernel.name) }),
};
