// What every part of the page is given: the node's client, who uses it, and how a person is told something.
import { ROUTES, type Client, type Role, type Route } from "@halfroom/console/client";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { RouteName } from "./answers.ts";

export interface Who {
  readonly name: string;
  readonly role: Role;
  /** Whose node this is; undefined if nobody has said. */
  readonly company: string | undefined;
}

export interface House {
  readonly client: Client;
  readonly who: Who;
  /** Whether this role is let in to the endpoint. */
  may(endpoint: RouteName): boolean;
  /** Tells screen readers what has happened. */
  announce(words: string): void;
  /** `why`: said on the page where one signs in again. */
  leave(why?: string): void;
}

export const HouseContext = createContext<House | undefined>(undefined);

export function useHouse(): House {
  return useContext(HouseContext)!;
}

export function mayOf({ role }: Who): House["may"] {
  return (endpoint) => {
    const { roles }: Route = ROUTES[endpoint];
    return roles === "anyone" || roles.includes(role);
  };
}

/** For one act of a person: sent again, it is done once. */
export function freshKey(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
