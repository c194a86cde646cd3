// What went wrong, in the API's words.
import { ProblemError } from "@halfroom/console/client";
import { sentence } from "../words/text.ts";

/** The words of a problem of this code, for the field that it is about. */
export function faultOf(error: unknown, code: string): string | undefined {
  return error instanceof ProblemError && error.problem.code === code
    ? sentence(error.problem.detail)
    : undefined;
}

export function Problem({ error }: { readonly error: unknown }) {
  if (error === undefined) return null;
  if (!(error instanceof ProblemError))
    return (
      <div class="problem" role="alert">
        <p>The node could not be reached, or did not answer as it should.</p>
        <p class="detail">{sentence((error as Error).message)}</p>
      </div>
    );
  const { title, detail, code, problems, reasons = [] } = error.problem;
  return (
    <div class="problem" role="alert">
      <p class="title">{sentence(capital(title))}</p>
      {problems === undefined ? (
        detail.split("\n").map((line) => <p>{sentence(line)}</p>)
      ) : (
        <ul>
          {problems.map(({ line, field, fault, remedy }) => (
            <li>
              <code>{sentence(field)}</code>
              {line !== undefined && `, line ${line}`}: {sentence(fault)}. {sentence(remedy)}
            </li>
          ))}
        </ul>
      )}
      {reasons.length > 0 && (
        <ul>
          {reasons.map(({ words }) => (
            <li>{sentence(words)}</li>
          ))}
        </ul>
      )}
      <p class="detail">
        Code: <code>{sentence(code)}</code>
      </p>
    </div>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
