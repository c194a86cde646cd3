// The secret of a user's one-time codes, which can be shown this once.
import { name } from "../words/text.ts";

interface Codes {
  readonly secret: string;
  readonly uri: string;
}

export function ShownCodes({ who, codes }: { readonly who: string; readonly codes: Codes }) {
  return (
    <div class="notice">
      <p>
        {name(who)} enters this secret in an app for one-time codes, now: it is shown this once. The address
        below it is the same as a QR code holds.
      </p>
      <code class="secret" tabIndex={0}>
        {codes.secret}
      </code>
      <code class="secret" tabIndex={0}>
        {codes.uri}
      </code>
    </div>
  );
}
