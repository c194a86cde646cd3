import {
  approveTemplate,
  checkTemplate,
  exportTemplate,
  importTemplateFile,
  listTemplateKinds,
  listTemplates,
  listWaitingTemplates,
  newTemplate,
  publishTemplate,
  readTemplate,
  removeTemplate,
  withdrawTemplate,
} from "@halfroom/node";
import type { templateRoutes } from "../contract/templates.ts";
import type { Handlers } from "./hands.ts";

/** Messages about the text call it `yaml`, as the body's member is called. */
const textOf = ({ yaml }: { readonly yaml: string }) => ({ text: yaml, name: "yaml" });

export const templateHandlers: Handlers<keyof typeof templateRoutes> = {
  listTemplates: ({ node }, { query }) => listTemplates(node, { andFormer: query.former === "yes" }),
  listWaitingTemplates: ({ node }) => listWaitingTemplates(node),
  showTemplate: ({ node }, { params }) => readTemplate(node, params),
  async exportTemplate({ node }, { params: { id } }) {
    return {
      text: await exportTemplate(node, id),
      type: "application/json",
      name: `template-${id.slice(0, 12)}`,
    };
  },
  listTemplateKinds: () => Promise.resolve(listTemplateKinds()),
  newTemplate: (_, { params: { id } }) =>
    Promise.resolve({ text: newTemplate(id), type: "application/yaml", name: id }),
  checkTemplate: ({ node }, { body }) => checkTemplate(node, textOf(body), body.partner),
  publishTemplate: ({ node }, { body }) => publishTemplate(node, textOf(body), body.partner),
  approveTemplate: ({ node }, { params: { id } }) => approveTemplate(node, id),
  withdrawTemplate: ({ node }, { params: { id } }) => withdrawTemplate(node, id),
  importTemplate: ({ node }, { body }) => importTemplateFile(node, body.file),
  removeTemplate: ({ node }, { params: { id } }) => removeTemplate(node, id),
};
