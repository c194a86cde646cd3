export { release, type Released, type ReleaseInput } from "./protocol.ts";
export { releaseTripleWords } from "./steps.ts";
export { recvLabels, sendLabels } from "./labels.ts";
export type * from "./plan.types.ts";
export { drawNoise } from "./noise/noise.ts";
export { tableColumns } from "./table/shape.ts";
