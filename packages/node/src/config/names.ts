import { z } from "zod";

/** Names of datasets, partners and targets appear in commands and logs, so they are letters, digits, ".", "_" and "-". */
export const nameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u, "use letters, digits, '.', '_' and '-', at most 63");
