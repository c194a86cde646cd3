// The benchmark's program: runs it and sets the exit code.
import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2));
