// Jobs for the tests of the pool. Plain JavaScript, because worker threads of tests run compiled code and load this beside it.
const module = new URL("./group-jobs.js", import.meta.url).href;

/**
 * @typedef {{ readonly points: Uint8Array<ArrayBuffer> }} Points
 * @typedef {{ readonly scalars: Uint8Array<ArrayBuffer> }} Scalars
 * @typedef {{ readonly name: Uint8Array<ArrayBuffer> }} Name
 */

/** @type {import("@halfroom/crypto").Job<Scalars, Points>} */
export const baseJob = {
  module,
  name: "baseJob",
  run: (kernel, { scalars }) => ({ points: kernel.multiplyBase(scalars) }),
};

/** @type {import("@halfroom/crypto").Job<Points, Points>} */
export const doubleJob = {
  module,
  name: "doubleJob",
  run(kernel, { points }) {
    const doubled = kernel.add(points, points);
    return doubled && { points: doubled };
  },
};

/**
 * Tells which kernel a worker has.
 * @type {import("@halfroom/crypto").Job<Record<string, never>, Name>}
 */
export const kernelNameJob = {
  module,
  name: "kernelNameJob",
  run: (kernel) => ({ name: new TextEncoder().encode(kernel.name) }),
};
