// Places within the page, as what follows `#/` in its address: the server need not know them, and they are never sent.
import { useCallback, useEffect, useState } from "preact/hooks";

/** The parts of a place; none is the first page. */
export type Place = readonly string[];

export function placeOf(hash: string): Place {
  const parts = hash.replace(/^#\/?/, "").split("/");
  return parts.filter((part) => part !== "").map(decoded);
}

/** As an address for a link. */
export function link(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

export function goTo(...parts: string[]): void {
  location.hash = link(...parts);
}

/** What would be lost if another page were shown now, as a question; one page is open at a time. */
let unsaved: string | undefined;

/** Asks before the page is left while `question` is set. What it returns lets the page be left after all: what was written is saved. */
export function useUnsaved(question: string | undefined): () => void {
  useEffect(() => {
    unsaved = question;
    const ask = (event: BeforeUnloadEvent) => {
      if (unsaved !== undefined) event.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => {
      unsaved = undefined;
      removeEventListener("beforeunload", ask);
    };
  }, [question]);
  return useCallback(() => {
    unsaved = undefined;
  }, []);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    let hash = location.hash;
    const follow = () => {
      if (location.hash === hash) return;
      if (unsaved !== undefined && !confirm(unsaved)) return history.pushState(undefined, "", hash);
      unsaved = undefined;
      hash = location.hash;
      setPlace(placeOf(hash));
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return place;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
