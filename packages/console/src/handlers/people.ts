import {
  addUser,
  changeUserRole,
  endSignIns,
  linkPerson,
  listLinks,
  listSignIns,
  listUsers,
  removeUser,
  resetUser,
  unlinkPerson,
} from "@halfroom/node";
import type { peopleRoutes } from "../contract/people.ts";
import type { wayRoutes } from "../contract/ways.ts";
import type { Handlers } from "./hands.ts";

export const peopleHandlers: Handlers<keyof typeof peopleRoutes | keyof typeof wayRoutes> = {
  signIn: ({ door }, { body }) => door.signIn(body),
  signOut: ({ door }) => door.signOut(),
  showMe: ({ door }) => door.me(),
  showSignInWays: ({ door }) => door.ways(),
  changePassword: ({ door }, { body }) => door.changePassword(body),
  listUsers: ({ node }) => listUsers(node),
  addUser: ({ node, cost }, { body }) => addUser(node, body, cost),
  changeUserRole: ({ node }, { params: { name }, body: { role } }) => changeUserRole(node, name, role),
  resetUser: ({ node, cost }, { params: { name }, body }) => resetUser(node, { name, ...body }, cost),
  removeUser: ({ node }, { params: { name } }) => removeUser(node, name),
  listSignIns: ({ node }) => listSignIns(node),
  endSignIns: ({ node }, { body }) => endSignIns(node, body),
  listLinks: ({ node }) => listLinks(node),
  linkPerson: ({ node }, { body }) => linkPerson(node, body),
  unlinkPerson: ({ node }, { body }) => unlinkPerson(node, body),
};
