// The member `template` of terms (protocol-spec.md, section 8.8): of which template a session is a run, and with which parameters.
import { GROUP_BY_MAX } from "@halfroom/wire";
import { z } from "zod";
import type { DeepReadonly } from "../agreement/canonical.ts";
import { areDistinct, hexField, NAME_LENGTH_MAX, nameField } from "../terms/fields.ts";

/** Parameters of one template. */
export const PARAMETERS_MAX = 16;
export const TEMPLATE_VERSION_MAX = 1_000_000;

const name = nameField();

export const templateField = z.strictObject({
  name,
  version: z.int().min(1).max(TEMPLATE_VERSION_MAX),
  /** Of the template that its owner signed for the partner: `templateDigest`. */
  digest: hexField(32),
  /** All that the template declares, in its order, each value in its one form. */
  parameters: z
    .array(
      z.strictObject({
        name,
        value: z.union([z.string().min(1).max(NAME_LENGTH_MAX), z.array(name).max(GROUP_BY_MAX)]),
      }),
    )
    .max(PARAMETERS_MAX)
    .refine((parameters) => areDistinct(parameters.map((each) => each.name))),
});

/** Of which template, and with which parameters. */
export type TemplateRun = DeepReadonly<z.output<typeof templateField>>;
