// Who may do what. The first four are a ladder: each may do what those before it may. An auditor reads everything and changes nothing.

export const ROLES = ["viewer", "analyst", "approver", "administrator", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/** Reads sessions, reports and partners. */
export const EVERYBODY: readonly Role[] = [...ROLES];
/** Reads what reports are made of: datasets, policies, budgets, runs. */
export const INFORMED: readonly Role[] = ["analyst", "approver", "administrator", "auditor"];
/** Reads what was done and how the node is: log, receipts, tokens, workers. */
export const WATCHERS: readonly Role[] = ["administrator", "auditor"];
/** Asks for reports. */
export const ANALYSTS: readonly Role[] = ["analyst", "approver", "administrator"];
/** Decides on what partners ask for. */
export const APPROVERS: readonly Role[] = ["approver", "administrator"];
/** Changes what the node is. */
export const ADMINISTRATORS: readonly Role[] = ["administrator"];
