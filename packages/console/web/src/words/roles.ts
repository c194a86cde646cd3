// What each role may do, in words.
import { ROLES, type Role } from "@halfroom/console/client";
import type { Choice } from "../parts/fields.tsx";

const MAY: Readonly<Record<Role, string>> = {
  viewer: "reads reports and sessions",
  analyst: "also asks for reports",
  approver: "also decides on proposals",
  administrator: "everything",
  auditor: "reads everything, changes nothing",
};

export const ROLE_CHOICES: readonly Choice[] = ROLES.map((role) => [role, `${role}: ${MAY[role]}`]);
