// The way through the console: on a desk at the side, on a telephone behind a button.
import { useEffect, useState } from "preact/hooks";
import { useHeld } from "./held.tsx";
import { useHouse } from "./house.ts";
import { Button } from "./parts/basics.tsx";
import type { RouteName } from "./answers.ts";
import { link, type Place } from "./router.ts";
import { name } from "./words/text.ts";
import { countOf, waitsOf } from "./words/waiting.ts";

interface Way {
  readonly words: string;
  readonly to: readonly string[];
  /** Its page needs this endpoint. */
  readonly needs: RouteName;
  /** Other places that belong to it. */
  readonly also?: readonly string[];
}

const WAYS: readonly { readonly heading: string; readonly ways: readonly Way[] }[] = [
  {
    heading: "Decide",
    ways: [{ words: "What waits", to: [], needs: "listHeldSessions", also: ["sessions"] }],
  },
  {
    heading: "Reports",
    ways: [
      { words: "Reports", to: ["reports"], needs: "listReports", also: ["compare"] },
      { words: "Series", to: ["series"], needs: "listSeries" },
      { words: "Templates", to: ["templates"], needs: "listTemplates" },
      { words: "New report", to: ["new"], needs: "startRun" },
      { words: "Runs", to: ["runs"], needs: "listJobs" },
    ],
  },
  {
    heading: "Rules",
    ways: [
      { words: "Partners", to: ["partners"], needs: "listPartners" },
      { words: "Datasets", to: ["datasets"], needs: "listDatasets" },
      { words: "Policies", to: ["policies"], needs: "listPolicies" },
      { words: "Opt-outs", to: ["opt-outs"], needs: "listSuppressed" },
    ],
  },
  {
    heading: "This node",
    ways: [
      { words: "Audit", to: ["audit"], needs: "readAudit", also: ["receipts"] },
      { words: "Events", to: ["events"], needs: "listEvents" },
      { words: "Access", to: ["access"], needs: "listUsers" },
      { words: "Backups", to: ["backups"], needs: "listBackups" },
      { words: "Health", to: ["health"], needs: "runDoctor" },
    ],
  },
];

export function Navigation({ place, onSignOut }: { readonly place: Place; readonly onSignOut: () => void }) {
  const { who, may } = useHouse();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => setIsOpen(false), [place]);
  const { data: held } = useHeld();
  const waiting = held === undefined ? 0 : countOf(waitsOf(held, may).forYou);
  const current = (way: Way) =>
    way.to[0] === place[0] || way.also?.includes(place[0] ?? "") ? "page" : undefined;
  const parts = WAYS.map(({ heading, ways }) => ({ heading, ways: ways.filter(({ needs }) => may(needs)) }));
  return (
    <header class="side">
      <div class="brand">
        <a href={link()}>
          <Mark />
          Halfroom
        </a>
        <Button aria-expanded={isOpen} aria-controls="ways" onClick={() => setIsOpen(!isOpen)}>
          Menu
        </Button>
      </div>
      {who.company !== undefined && <p class="company">{name(who.company)}</p>}
      <nav id="ways" aria-label="Console" class={isOpen ? "open" : ""}>
        {parts
          .filter(({ ways }) => ways.length > 0)
          .map(({ heading, ways }) => (
            <div>
              <p>{heading}</p>
              <ul>
                {ways.map((way) => (
                  <li>
                    <a href={link(...way.to)} aria-current={current(way)}>
                      {way.words}
                      {way.to.length === 0 && waiting > 0 && (
                        <span class="count">
                          {waiting}
                          <span class="sr"> to decide</span>
                        </span>
                      )}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        <div class="who">
          <p>
            <a href={link("account")} aria-current={place[0] === "account" ? "page" : undefined}>
              {name(who.name)}
            </a>
            <span>{who.role}</span>
          </p>
          <Button onClick={onSignOut}>Sign out</Button>
        </div>
      </nav>
    </header>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="3" y="3" width="26" height="26" rx="5" />
      <path d="M16 3h8a5 5 0 0 1 5 5v16a5 5 0 0 1-5 5h-8z" />
    </svg>
  );
}
