import { addUser, changeUserRole, listUsers, removeUser, resetUser } from "@halfroom/node";
import type { peopleRoutes } from "../contract/people.ts";
import type { Handlers } from "./hands.ts";

export const peopleHandlers: Handlers<keyof typeof peopleRoutes> = {
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
};
