// Fields of forms: a label, a hint, what was typed.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface Common {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with what was written. */
  readonly fault?: string | undefined;
}

function Frame({
  id,
  label,
  hint,
  fault,
  children,
}: Common & { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {fault !== undefined && (
        <p class="fault" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** What a screen reader says of a field beside its label. */
function described(id: string, hint: unknown, fault?: string) {
  const parts = [fault !== undefined && `${id}-fault`, hint !== undefined && `${id}-hint`];
  const ids = parts.filter((part) => part !== false).join(" ");
  return {
    ...(ids !== "" && { "aria-describedby": ids }),
    ...(fault !== undefined && { "aria-invalid": true }),
  };
}

interface InputProps extends Common {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly inputMode?: "text" | "numeric" | "decimal";
  readonly autocomplete?: "off" | "username" | "current-password" | "new-password" | "one-time-code";
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly placeholder?: string;
}

/** `choices`: offered while one types. */
export function TextField({
  label,
  hint,
  fault,
  value,
  onValue,
  choices = [],
  ...rest
}: InputProps & { readonly choices?: readonly string[] }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <input
        spellcheck={false}
        autocomplete="off"
        {...rest}
        {...(choices.length > 0 && { list: `${id}-choices` })}
        {...described(id, hint, fault)}
        id={id}
        type="text"
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      {choices.length > 0 && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option value={choice} />
          ))}
        </datalist>
      )}
    </Frame>
  );
}

/** What nobody beside the reader shall see. */
export function SecretField({ label, hint, value, onValue, ...rest }: InputProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint}>
      <input
        autocomplete="off"
        {...rest}
        {...described(id, hint)}
        id={id}
        type="password"
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </Frame>
  );
}

/** Tells a password manager whose password a form is about, where that is no question. */
export function WhosePassword({ user }: { readonly user: string }) {
  return <input type="text" hidden readOnly autocomplete="username" value={user} />;
}

export function TextArea({
  label,
  hint,
  fault,
  value,
  onValue,
  ...rest
}: Common &
  Omit<JSX.IntrinsicElements["textarea"], "onInput" | "value" | "label"> & {
    readonly value: string;
    readonly onValue: (value: string) => void;
  }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <textarea
        rows={3}
        {...rest}
        {...described(id, hint, fault)}
        id={id}
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </Frame>
  );
}

export type Choice = readonly [value: string, words: string];

export function Select({
  label,
  hint,
  fault,
  value,
  onValue,
  choices,
}: Common & {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly choices: readonly Choice[];
}) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <select
        id={id}
        {...described(id, hint, fault)}
        value={value}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
      >
        {choices.map(([each, words]) => (
          <option value={each} selected={each === value}>
            {words}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export function Check({
  label,
  hint,
  isOn,
  onChange,
}: Common & { readonly isOn: boolean; readonly onChange: (isOn: boolean) => void }) {
  const id = useId();
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        {...described(id, hint)}
        checked={isOn}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A file of text, read in the page; `onText` is given an empty text where none is chosen. */
export function FileField({
  label,
  hint,
  accept,
  onText,
}: Common & { readonly accept: string; readonly onText: (text: string) => void }) {
  const id = useId();
  const read = (file: File | undefined) => {
    if (file === undefined) return onText("");
    file.text().then(onText, () => onText(""));
  };
  return (
    <Frame id={id} label={label} hint={hint}>
      <input
        {...described(id, hint)}
        id={id}
        type="file"
        accept={accept}
        onChange={({ currentTarget }) => read(currentTarget.files?.[0])}
      />
    </Frame>
  );
}

/** Several of a few names, each switched on and off. */
export function Several({
  label,
  hint,
  fault,
  choices,
  chosen,
  onChange,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  return (
    <fieldset class="several">
      <legend>{label}</legend>
      {fault !== undefined && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <div>
        {choices.map(([value, words]) => (
          <label>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={({ currentTarget }) =>
                onChange(currentTarget.checked ? [...chosen, value] : chosen.filter((each) => each !== value))
              }
            />
            {words}
          </label>
        ))}
      </div>
      {hint !== undefined && <p class="hint">{hint}</p>}
    </fieldset>
  );
}

/** A form that the page itself sees to. */
export function Form({
  onSubmit,
  children,
  ...rest
}: Omit<JSX.IntrinsicElements["form"], "onSubmit"> & { readonly onSubmit: () => void }) {
  return (
    <form
      {...rest}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
