// A report as the node draws it (packages/report/src/html), inside the page: its elements and its style are taken over into a tree of
// their own, so that neither touches the console's. Everything in it that comes from data was escaped when it was drawn; that nothing of
// it runs is seen to here once more, and by the page's own policy.
import { useEffect, useRef } from "preact/hooks";

/** The one place where text becomes elements; `trusted-types` in packages/console/src/server/page.ts names it. */
interface Policies {
  createPolicy(
    name: string,
    rules: { createHTML(text: string): string },
  ): { createHTML(text: string): string };
}
const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
const policy = policies?.createPolicy("report", { createHTML: (text) => text });

/** Elements that run or load something; the drawing has none of them. */
const ACTIVE =
  "script, iframe, object, embed, link, meta, base, form, img, image, use, a, foreignObject, animate, set";

export function ReportView({ html }: { readonly html: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = place.current!.shadowRoot ?? place.current!.attachShadow({ mode: "open" });
    const { content, style } = read(html);
    root.adoptedStyleSheets = [sheetOf(`${style}${INSIDE}`)];
    root.replaceChildren(content);
  }, [html]);
  return <div ref={place} class="report" />;
}

const INSIDE = `
:host { display: block; font: 15px/1.5 system-ui, sans-serif; }
section:first-of-type { margin-top: 0; }
`;

/** What is below the drawing's own heading; the page has one already. */
function read(html: string): { readonly content: Element; readonly style: string } {
  const text = policy === undefined ? html : policy.createHTML(html);
  const drawn = new DOMParser().parseFromString(text, "text/html");
  const main = drawn.querySelector("main")!;
  const style = takeStyles(drawn.head).replaceAll(":root", ":host") + takeStyles(main);
  main.querySelector("header")?.remove();
  for (const element of main.querySelectorAll(ACTIVE)) element.remove();
  for (const element of main.querySelectorAll("*")) makePassive(element);
  const content = document.createElement("div");
  for (const child of main.childNodes) content.append(document.importNode(child, true));
  for (const element of content.querySelectorAll<HTMLElement>("[data-style]"))
    element.style.cssText = element.dataset["style"]!;
  return { content, style };
}

/** Styles within the text would not be applied here; those of the sheet are. */
function takeStyles(within: Element): string {
  const styles = [...within.querySelectorAll("style")];
  for (const style of styles) style.remove();
  return styles.map(({ textContent }) => textContent).join("\n");
}

/** Handlers of events go. A style of its own would be blocked as text, and is set as an object once the element is in the page. */
function makePassive(element: Element): void {
  for (const { name, value } of [...element.attributes]) {
    if (name.startsWith("on") || /^\s*javascript:/i.test(value)) element.removeAttribute(name);
  }
  const style = element.getAttribute("style");
  if (style === null) return;
  element.removeAttribute("style");
  element.setAttribute("data-style", style);
}

function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
