// Prints the kernels that this process's own thread and a worker thread of it chose.
import { register } from "tsx/esm/api";

register({ tsconfig: false });
const { GroupPool } = await import("@halfroom/crypto");
const { kernelNameJob } = await import("./group-jobs.ts");

const pool = await GroupPool.open(1);
try {
  const { name } = await pool.run(kernelNameJob, {});
  console.log(JSON.stringify({ main: pool.kernel.name, worker: Buffer.from(name).toString() }));
} finally {
  await pool.close();
}
