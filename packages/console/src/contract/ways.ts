// Who is signed in, and which ways in belong to one person.
import { z } from "zod";
import { moment, nameSchema, roleSchema } from "./common.ts";
import { ADMINISTRATORS, WATCHERS } from "./roles.ts";
import { route } from "./route.ts";

const SUBJECT_LENGTH_MAX = 1024;
const subject = z
  .string()
  .min(1)
  .max(SUBJECT_LENGTH_MAX)
  .meta({ description: "Who it is, whatever the name: of a user the name, of `openid` issuer and `sub`." });
const signedInBy = z.enum(["password", "openid"]);
const linked = z.enum(["openid", "account"]);

const linkSchema = z
  .object({
    person: z.string().meta({ description: "The user whose way in this is too." }),
    way: linked,
    subject: z.string(),
    linkedAt: moment,
  })
  .meta({ id: "Link" });

export const wayRoutes = {
  listSignIns: route({
    method: "GET",
    path: "/api/v1/sign-ins",
    roles: WATCHERS,
    summary: "Who is signed in with a browser, how, and until when.",
    answer: {
      status: 200,
      json: z.array(
        z.object({
          way: signedInBy,
          name: z.string(),
          subject: z.string(),
          role: roleSchema,
          begunAt: moment,
          seenAt: moment,
          endsAt: moment,
        }),
      ),
    },
  }),
  endSignIns: route({
    method: "POST",
    path: "/api/v1/sign-ins/end",
    roles: ADMINISTRATORS,
    summary: "Ends all sign-ins of one person, and takes back what they approved that still waits.",
    body: z.object({ way: signedInBy, subject }),
    answer: { status: 200, json: z.object({ ended: z.int() }) },
    changes: true,
  }),
  listLinks: route({
    method: "GET",
    path: "/api/v1/links",
    roles: WATCHERS,
    summary: "Which ways in belong to the person of which name.",
    answer: { status: 200, json: z.array(linkSchema) },
  }),
  linkPerson: route({
    method: "POST",
    path: "/api/v1/links",
    roles: ADMINISTRATORS,
    summary: "Says that a way in is that of the person of a name: where two people decide, both are one.",
    body: z.object({ person: nameSchema, way: linked, subject }),
    answer: { status: 201, json: linkSchema },
    changes: true,
  }),
  unlinkPerson: route({
    method: "POST",
    path: "/api/v1/links/remove",
    roles: ADMINISTRATORS,
    summary: "Says that a way in is that of somebody of their own again.",
    body: z.object({ way: linked, subject }),
    answer: { status: 204 },
    changes: true,
  }),
};
