// The order in which vitest begins test files. Where it has not run them before it begins with the largest ones, and thus ends with small
// files that take minutes, on one processor core while the others have nothing left to do.
import { BaseSequencer } from "vitest/node";

/** Whole sessions between processes, and the commands of every page. */
const LONG =
  /\.(?:cluster|browser)\.test\.ts$|\/test\/(?:docs|e2e|faults|upgrade|vectors\/session)\/|\/packages\/cli\/test\/rehearse\./;

export class LongFilesFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
