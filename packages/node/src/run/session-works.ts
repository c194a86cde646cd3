// What a session works with.
export { closeThreads, openThreads, runSession } from "@halfroom/session";
export { connectTls } from "@halfroom/transport";
export { prepareDataset } from "../datasets/prepare-dataset.ts";
