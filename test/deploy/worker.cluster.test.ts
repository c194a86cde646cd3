// A worker tells systemd too when it takes blocks, and when it is told to end.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Company } from "../cluster/company.ts";
import { managerSocket } from "./manager-socket.ts";

test.runIf(existsSync("/usr/bin/systemd-notify"))(
  "worker tells when it takes blocks, and when it ends",
  async () => {
    const company = await Company.at(mkdtempSync(join(tmpdir(), "halfroom-told-worker-")));
    onTestFinished(() => company.close());
    await company.site.ok("init");
    await company.site.run("doctor");
    const { path, seen } = await managerSocket();
    const worker = await company.hire("worker-1", { NOTIFY_SOCKET: path });
    await seen("READY=1");
    worker.child.kill("SIGTERM");
    await seen("STOPPING=1");
    expect((await worker.ended).exitCode).toBe(0);
  },
);
