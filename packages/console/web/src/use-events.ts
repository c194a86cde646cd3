// What happens in a job, as it happens.
import type { JobEvent } from "@halfroom/console/client";
import { useEffect, useState } from "preact/hooks";
import { useHouse } from "./house.ts";

const AGAIN_MS = 2000;

/** From the first one on; a stream that breaks off is taken up where it was. Without an id nothing happens. */
export function useEvents(id: string | undefined): {
  readonly events: readonly JobEvent[];
  readonly error: unknown;
} {
  const { client } = useHouse();
  const [events, setEvents] = useState<readonly JobEvent[]>([]);
  const [error, setError] = useState<unknown>(undefined);
  useEffect(() => {
    setEvents([]);
    if (id === undefined) return;
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastEventId = "0";
    const follow = async (): Promise<void> => {
      const stream = await client.watchJob({ id }, { lastEventId, signal: gone.signal });
      for await (const event of stream) {
        lastEventId = event.id;
        setEvents((before) => merged(before, event.data));
        if (event.data.type === "ended") return gone.abort();
      }
    };
    const keepOn = (): void => {
      follow().then(
        () => !gone.signal.aborted && again(),
        (reason: unknown) => {
          if (gone.signal.aborted) return;
          setError(reason);
          again();
        },
      );
    };
    const again = (): void => {
      timer = setTimeout(keepOn, AGAIN_MS);
    };
    keepOn();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return { events, error };
}

/** Of progress only the last is kept. */
function merged(events: readonly JobEvent[], next: JobEvent): readonly JobEvent[] {
  const last = events.at(-1);
  const isSame = next.type === "progress" && last?.type === "progress" && last.name === next.name;
  return isSame ? [...events.slice(0, -1), next] : [...events, next];
}
