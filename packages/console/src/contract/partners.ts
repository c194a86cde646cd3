// Partners, and how one is met.
import { z } from "zod";
import { lineSchema, moment, named, nameSchema } from "./common.ts";
import { ADMINISTRATORS, EVERYBODY } from "./roles.ts";
import { route } from "./route.ts";

const partnerSchema = z
  .object({
    name: z.string(),
    address: z.string().meta({ description: "HOST:PORT; empty if it cannot be dialled." }),
    fingerprint: z.string(),
    pinnedAt: moment,
    held: z
      .array(z.object({ fingerprint: z.string(), seenAt: moment }))
      .meta({ description: "Identities that it has named, and that nobody here has confirmed yet." }),
    followed: z
      .array(
        z.object({
          from: z.string(),
          to: z.string(),
          what: z.enum(["identity", "certificate"]),
          at: moment,
        }),
      )
      .meta({ description: "From which certificate to which it was followed." }),
    line: lineSchema.optional(),
    history: z.object({ sessions: z.int(), firstAt: moment.optional() }),
  })
  .meta({ id: "Partner" });

const HOURS_MAX = 720;
const ADDRESS_LENGTH_MAX = 262;
const TOKEN_LENGTH_MAX = 1024;
const address = z
  .string()
  .max(ADDRESS_LENGTH_MAX)
  .regex(/^(?:[^\s:/[\]]+|\[[\da-fA-F:.]+\]):\d{1,5}$/, "give HOST:PORT");

export const partnerRoutes = {
  listPartners: route({
    method: "GET",
    path: "/api/v1/partners",
    roles: EVERYBODY,
    summary: "Lists the pinned partners.",
    answer: { status: 200, json: z.array(partnerSchema) },
  }),
  showPartner: route({
    method: "GET",
    path: "/api/v1/partners/{name}",
    roles: EVERYBODY,
    summary: "Shows a partner.",
    params: named,
    answer: { status: 200, json: partnerSchema },
  }),
  invitePartner: route({
    method: "POST",
    path: "/api/v1/invitations",
    roles: ADMINISTRATORS,
    summary: "Makes a token with which one partner can join, once, while this node serves.",
    body: z.object({
      name: nameSchema,
      hours: z.number().min(1).max(HOURS_MAX).default(24),
      address: address.optional().meta({ description: "At which the partner reaches this node." }),
    }),
    answer: { status: 201, json: z.object({ token: z.string(), expiresAt: moment }) },
    changes: true,
  }),
  joinPartner: route({
    method: "POST",
    path: "/api/v1/partners",
    roles: ADMINISTRATORS,
    summary: "Dials the node that made the token; each pins the other.",
    body: z.object({ token: z.string().min(1).max(TOKEN_LENGTH_MAX), name: nameSchema }),
    answer: { status: 201, json: partnerSchema },
    changes: true,
  }),
  movePartner: route({
    method: "PATCH",
    path: "/api/v1/partners/{name}",
    roles: ADMINISTRATORS,
    summary: "Changes the address at which a partner is dialled.",
    params: named,
    body: z.object({ address }),
    answer: { status: 200, json: partnerSchema },
    changes: true,
  }),
  confirmPartner: route({
    method: "POST",
    path: "/api/v1/partners/{name}/confirm",
    roles: ADMINISTRATORS,
    summary:
      "Lets a partner use an identity that it has named, once its people have said that the fingerprint is theirs.",
    params: named,
    body: z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/, "give 64 hexadecimal digits") }),
    answer: { status: 200, json: partnerSchema },
    changes: true,
  }),
  removePartner: route({
    method: "DELETE",
    path: "/api/v1/partners/{name}",
    roles: ADMINISTRATORS,
    summary:
      "Unpins a partner, and names the datasets whose policies would hold for another one of its name.",
    params: named,
    answer: { status: 200, json: z.object({ policies: z.array(z.string()) }) },
    changes: true,
  }),
};
