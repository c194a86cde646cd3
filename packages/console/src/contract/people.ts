// People: signing in and out, and the users whom this node knows by a password.
import { z } from "zod";
import { moment, named, nameSchema, roleSchema } from "./common.ts";
import { ADMINISTRATORS, EVERYBODY, WATCHERS } from "./roles.ts";
import { route } from "./route.ts";

const PASSWORD_LENGTH_MAX = 1024;
const password = z.string().min(1).max(PASSWORD_LENGTH_MAX);
const code = z
  .string()
  .max(16)
  .optional()
  .meta({ description: "The one-time code of the user's app, where one is asked for." });
const codes = z
  .boolean()
  .default(false)
  .meta({ description: "Makes a secret for one-time codes (TOTP), which is shown this once." });

const userSchema = z
  .object({
    name: z.string(),
    role: roleSchema,
    hasCodes: z.boolean().meta({ description: "Whether a one-time code is asked for." }),
    isLocked: z
      .boolean()
      .meta({ description: "Without a password since the node was restored from a backup." }),
    createdAt: moment,
  })
  .meta({ id: "User" });
const shownUser = userSchema.extend({
  codes: z
    .object({
      secret: z.string().meta({ description: "In base32, for the user's app." }),
      uri: z.string().meta({ description: "otpauth://..., as a QR code holds it." }),
    })
    .optional(),
});

export const peopleRoutes = {
  signIn: route({
    method: "POST",
    path: "/api/v1/sign-in",
    roles: "anyone",
    summary:
      "Signs a user in: the answer sets a cookie, and has what each later request that changes something needs.",
    body: z.object({ name: nameSchema, password, code }),
    answer: {
      status: 200,
      json: z.object({
        person: z.object({ name: z.string(), role: roleSchema }),
        csrf: z.string().meta({ description: "For the header `x-halfroom-csrf`." }),
      }),
    },
    changes: true,
    secret: true,
  }),
  signOut: route({
    method: "POST",
    path: "/api/v1/sign-out",
    roles: EVERYBODY,
    summary: "Ends the sign-in of the cookie that the request has.",
    answer: { status: 204 },
    changes: true,
    secret: true,
  }),
  showMe: route({
    method: "GET",
    path: "/api/v1/me",
    roles: EVERYBODY,
    summary: "Whose request this is.",
    answer: {
      status: 200,
      json: z.object({
        name: z.string(),
        role: roleSchema,
        kind: z.enum(["person", "token"]),
        way: z.enum(["password", "openid"]).optional().meta({ description: "How a person signed in." }),
        csrf: z.string().optional().meta({ description: "For the header `x-halfroom-csrf`; of people." }),
        expires: moment,
        company: z.string().optional().meta({ description: "Whose node this is: the setting `company`." }),
      }),
    },
  }),
  showSignInWays: route({
    method: "GET",
    path: "/api/v1/sign-in/ways",
    roles: "anyone",
    summary: "How people can sign in here.",
    answer: {
      status: 200,
      json: z.object({
        local: z.boolean().meta({ description: "Whether there are users with a password." }),
        openid: z
          .object({ label: z.string(), path: z.string() })
          .optional()
          .meta({ description: "The identity provider, and where a browser begins." }),
      }),
    },
  }),
  changePassword: route({
    method: "POST",
    path: "/api/v1/me/password",
    roles: EVERYBODY,
    summary: "Changes the password of the user whose request this is, and ends all sign-ins of theirs.",
    body: z.object({ password, next: password, code }),
    answer: { status: 204 },
    changes: true,
    secret: true,
  }),
  listUsers: route({
    method: "GET",
    path: "/api/v1/users",
    roles: WATCHERS,
    summary: "Lists the users who sign in with a password.",
    answer: { status: 200, json: z.array(userSchema) },
  }),
  addUser: route({
    method: "POST",
    path: "/api/v1/users",
    roles: ADMINISTRATORS,
    summary: "Adds a user.",
    body: z.object({ name: nameSchema, role: roleSchema, password, codes }),
    answer: { status: 201, json: shownUser },
    changes: true,
    secret: true,
  }),
  changeUserRole: route({
    method: "PATCH",
    path: "/api/v1/users/{name}",
    roles: ADMINISTRATORS,
    summary: "Gives a user another role, and ends all sign-ins of theirs.",
    params: named,
    body: z.object({ role: roleSchema }),
    answer: { status: 200, json: userSchema },
    changes: true,
  }),
  resetUser: route({
    method: "POST",
    path: "/api/v1/users/{name}/reset",
    roles: ADMINISTRATORS,
    summary: "Gives a user another password, and ends all sign-ins of theirs.",
    params: named,
    body: z.object({ password, codes }),
    answer: { status: 200, json: shownUser },
    changes: true,
    secret: true,
  }),
  removeUser: route({
    method: "DELETE",
    path: "/api/v1/users/{name}",
    roles: ADMINISTRATORS,
    summary: "Lets a user in no more.",
    params: named,
    answer: { status: 204 },
    changes: true,
  }),
};
