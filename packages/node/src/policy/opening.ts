// Whether a report can open anything, as far as this side knows before it is proposed (protocol-spec.md, section 13.3). With noise a number
// just below the threshold may be lifted over it: nobody counts on that.
import { fewestToOpen, otherRole, type SessionData, type Terms } from "@halfroom/session";
import { ownCells, tooSmallToOpen } from "./own-cells.ts";

export interface Opening {
  /** False where every number stays closed. */
  readonly canOpen: boolean;
  /** Of our cells, or categories, over all partitions: how many have people enough for a number to open, and how many there are. */
  readonly cells: number;
  readonly cellsTotal: number;
  readonly words: string;
}

/** `theirPeople`: as the partner last stated them, if it did. What it brings may close more. */
export function openingOf(terms: Terms, data: SessionData, theirPeople: number | undefined): Opening {
  const all = ownCells(data);
  const cells = all.filter((people) => people >= fewestToOpen(terms, data.role)).length;
  const sizes = { cells, cellsTotal: all.length };
  const complaint = tooSmallToOpen(data, terms);
  if (complaint !== undefined) return { canOpen: false, ...sizes, words: sentence(complaint) };
  const theirLeast = fewestToOpen(terms, otherRole(data.role));
  if (theirPeople !== undefined && theirPeople < theirLeast) {
    const words = `Nothing could open: the partner stated ${theirPeople} people, and it takes ${theirLeast}.`;
    return { canOpen: false, ...sizes, words };
  }
  const what = data.role === "receiver" ? "cells" : "categories";
  const many = all.length === 1 ? "we have" : `${cells} of our ${all.length} ${what} have`;
  return {
    canOpen: true,
    ...sizes,
    words: `Something can open: ${many} people enough, if enough of them match.`,
  };
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
