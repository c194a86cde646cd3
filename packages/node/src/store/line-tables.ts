// How fast the line to a partner is: one step of the store's tables (schema.ts), and like all of them never edited.

/** Columns of the table `partner`: what a line took of what this side sent, in bytes a second, and when that was found (`Partners`). */
export const LINES = `
  ALTER TABLE partner ADD COLUMN line_bytes_per_second REAL;
  ALTER TABLE partner ADD COLUMN line_measured_at INTEGER;`;
