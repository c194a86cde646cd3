// What pages are made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useHouse } from "../house.ts";
import { name, sentence } from "../words/text.ts";

type Children = { readonly children: ComponentChildren };

/** A page's heading and what belongs beside it; a reader who comes from another page begins here. */
export function Page({
  title,
  lead,
  actions,
  children,
}: Children & {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { company } = useHouse().who;
  useEffect(() => {
    document.title = [title, ...(company === undefined ? [] : [name(company)]), "Halfroom"].join(" · ");
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export function Panel({
  heading,
  aside,
  class: more = "",
  children,
}: Children & { readonly heading: string; readonly aside?: ComponentChildren; readonly class?: string }) {
  const id = useId();
  return (
    <section class={`panel ${more}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id} tabIndex={-1}>
          {heading}
        </h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** Sentences of the node. */
export function Sentences({ items }: { readonly items: readonly string[] }) {
  return (
    <ul class="sentences">
      {items.map((item) => (
        <li>{sentence(item)}</li>
      ))}
    </ul>
  );
}

export type Entry = readonly [label: string, value: ComponentChildren];

export function Facts({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <dl class="facts">
      {entries.map(([label, value]) => (
        <div>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Why there is nothing, and what to do about it. */
export function Empty({ children }: Children) {
  return <p class="empty">{children}</p>;
}

/** As high as what will come, so that nothing jumps. */
export function Loading({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div class="loading" role="status">
      <span class="sr">Loading</span>
      {Array.from({ length: lines }, () => (
        <span class="line" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Tag({
  kind = "plain",
  children,
}: Children & { readonly kind?: "plain" | "good" | "warn" | "bad" | "accent" }) {
  return <span class={`tag ${kind}`}>{children}</span>;
}

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "class"> & {
  readonly kind?: "main" | "plain" | "danger";
  readonly isBusy?: boolean;
};

export function Button({ kind = "plain", isBusy = false, type = "button", ...rest }: ButtonProps) {
  return <button {...rest} type={type} class={`button ${kind}`} aria-disabled={isBusy} aria-busy={isBusy} />;
}
