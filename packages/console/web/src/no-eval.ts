// Schemas are compiled to functions where a page may do that; this one may not, and trying would be reported as a breach of its policy.
import { config } from "zod";

config({ jitless: true });
