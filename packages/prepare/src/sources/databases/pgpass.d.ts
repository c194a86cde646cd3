/** The reader of password files that the PostgreSQL client itself uses; it has no types of its own. */
declare module "pgpass" {
  import type { Writable } from "node:stream";
  interface Connection {
    host?: string | undefined;
    port?: number | undefined;
    database?: string | undefined;
    user?: string | undefined;
  }
  function pgPass(connection: Connection, found: (password: string | undefined) => void): void;
  namespace pgPass {
    /** Where warnings go; nowhere if it is no stream. Returns where they went. */
    function warnTo(stream: Writable | undefined): Writable | undefined;
  }
  export default pgPass;
}
