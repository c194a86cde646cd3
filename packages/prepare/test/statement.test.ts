// The semicolon at the end of a query, and all that only looks like it.
import { expect, test } from "vitest";
import { withoutSemicolon } from "../src/sources/databases/statement.ts";

test.each([
  ["select 1;", "select 1"],
  ["select 1 ;\n\n", "select 1 \n\n"],
  ["select 1; -- all; of it", "select 1 -- all; of it"],
  ["select 1 /* ; /* ; */ ; */ ; /* last; */ -- end;\n", "select 1 /* ; /* ; */ ; */  /* last; */ -- end;\n"],
  [
    "select $x$;$$;$x$, E'\\';', ';--' as \";\", $$;$$ ;",
    "select $x$;$$;$x$, E'\\';', ';--' as \";\", $$;$$ ",
  ],
  ["select 1; select 2;", "select 1; select 2"],
  ["select 1;;", "select 1;"],
  [";", ""],
])("%j is %j", (query, one) => {
  expect(withoutSemicolon(query)).toBe(one);
});

test.each([
  "select 1",
  "select '; -- x'",
  "select 1 -- ;",
  "select 1 /* ;",
  "select 1 /* /* */ ;",
  "select ';",
  "select '''; -- x'",
  'select 1 as "a""; -- "',
  "select $x$; -- $x$",
  "select type'\\' || '; -- x'",
  "",
])("%j stays as it is", (query) => {
  expect(withoutSemicolon(query)).toBe(query);
});
