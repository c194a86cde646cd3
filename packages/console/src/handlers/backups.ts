import {
  backup,
  listOwnBackups,
  planOwnBackup,
  readHeadLine,
  readRecoveryKey,
  useRecoveryKey,
} from "@halfroom/node";
import type { backupRoutes } from "../contract/backups.ts";
import type { Handlers } from "./hands.ts";

export const backupHandlers: Handlers<keyof typeof backupRoutes> = {
  listBackups: ({ node }) => listOwnBackups(node),
  startBackup({ node, caller, jobs }, { body: { name: wanted, recipients } }) {
    return jobs.startBackup(caller, async () => {
      const { name, file } = await planOwnBackup(node, { name: wanted, recipients });
      return async (onProgress) => {
        const { bytes, entries, head, createdAt } = await backup(node, file, { recipients }, onProgress);
        return { name, bytes, entries, head, createdAt };
      };
    });
  },
  async showAuditHead({ node }) {
    return { text: await readHeadLine(node), type: "text/plain; charset=utf-8", name: "audit-head" };
  },
  async showRecoveryKey({ node }) {
    const { publicKey } = await readRecoveryKey(node);
    return { publicKey: publicKey ?? null };
  },
  useRecoveryKey: ({ node }, { body: { publicKey } }) => useRecoveryKey(node, publicKey),
};
