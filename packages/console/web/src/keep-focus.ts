// Where the focus goes when what had it vanishes, such as the button of a row that was removed: to the heading of the panel that it was in,
// else of the page. Left alone, it would be at the top of the document, and a keyboard or a screen reader would begin anew.

/** For whatever puts the focus somewhere itself. */
const WAIT_MS = 100;

/** Watches the content until the returned function is called. */
export function keepFocus(content: HTMLElement): () => void {
  let last: Element | undefined;
  let panel: Element | undefined;
  const note = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return;
    last = target;
    panel = target.closest(".panel") ?? undefined;
  };
  const mend = () => {
    if (last === undefined || last.isConnected || document.activeElement !== document.body) return;
    last = undefined;
    const heading = panel?.isConnected === true ? panel.querySelector("h2") : content.querySelector("h1");
    heading?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(() => {
    if (last?.isConnected === false) setTimeout(mend, WAIT_MS);
  });
  content.addEventListener("focusin", note);
  observer.observe(content, { childList: true, subtree: true });
  return () => {
    content.removeEventListener("focusin", note);
    observer.disconnect();
  };
}
