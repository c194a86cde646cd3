/** What whoever uses the console may do; docs/api.md lists it, and packages/console/src/contract has it for each endpoint. */
export const API_ROLES = ["viewer", "analyst", "approver", "administrator", "auditor"] as const;
export type ApiRole = (typeof API_ROLES)[number];
