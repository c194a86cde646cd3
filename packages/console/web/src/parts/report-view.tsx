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

interface Drawn {
  /** What is below the drawing's own heading; the page has one already. */
  readonly content: Element;
  readonly style: string;
}

/**
 * Style as text is blocked as soon as it is read into elements, so it is taken out before: to be a sheet, and to be set as an object. In the
 * drawing's text both can only be the drawing's own, since quotation marks and angle brackets of data are escaped there.
 */
function read(html: string): Drawn {
  const styles: string[] = [];
  const plain = html
    .replace(/<style>([^]*?)<\/style>/g, (_, style: string) => {
      styles.push(style);
      return "";
    })
    .replaceAll(' style="', ' data-style="');
  const text = policy === undefined ? plain : policy.createHTML(plain);
  const main = new DOMParser().parseFromString(text, "text/html").querySelector("main")!;
  main.querySelector("header")?.remove();
  for (const element of main.querySelectorAll(ACTIVE)) element.remove();
  for (const element of main.querySelectorAll("*")) makePassive(element);
  const content = document.createElement("div");
  for (const child of main.childNodes) content.append(document.importNode(child, true));
  for (const element of content.querySelectorAll<HTMLElement>("[data-style]"))
    element.style.cssText = element.dataset["style"]!;
  return { content, style: styles.join("\n").replaceAll(":root", ":host") };
}

function makePassive(element: Element): void {
  for (const name of element.getAttributeNames()) {
    if (name.startsWith("on") || name.endsWith("href")) element.removeAttribute(name);
  }
}

function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
