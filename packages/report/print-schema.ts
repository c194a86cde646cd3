// Prints the JSON Schema of report documents: `npm run schema --workspace @halfroom/report` writes docs/report-schema.json.
import { z } from "zod";
import { documentSchema } from "./src/document/schema.ts";

process.stdout.write(`${JSON.stringify(z.toJSONSchema(documentSchema), undefined, 2)}\n`);
