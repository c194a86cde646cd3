// Prints the kernels that this process's own thread and a worker thread of it chose.
import { GroupPool } from "@halfroom/crypto";
import { kernelNameJob } from "./group-jobs.js";

const pool = await GroupPool.open(1);
try {
  const output = await pool.run(kernelNameJob, {});
  console.log(JSON.stringify({ main: pool.kernel.name, worker: Buffer.from(output!.name).toString() }));
} finally {
  await pool.close();
}
