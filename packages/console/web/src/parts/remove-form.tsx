// Removing something that does not come back: its name has to be written first.
import { useState } from "preact/hooks";
import { Button } from "./basics.tsx";
import { Form, TextField } from "./fields.tsx";

export function RemoveForm({
  name,
  label,
  hint,
  isBusy,
  onRemove,
}: {
  readonly name: string;
  readonly label: string;
  /** What follows, and what stays. */
  readonly hint: string;
  readonly isBusy: boolean;
  readonly onRemove: () => void;
}) {
  const [typed, setTyped] = useState("");
  return (
    <Form class="row" onSubmit={() => void (typed === name && onRemove())}>
      <TextField
        label={label}
        hint={`Write it to be sure. ${hint}`}
        value={typed}
        onValue={setTyped}
        required
      />
      <Button kind="danger" type="submit" isBusy={isBusy}>
        Remove
      </Button>
    </Form>
  );
}
