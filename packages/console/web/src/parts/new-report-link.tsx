// The way to a new report, for whoever may run one.
import { useHouse } from "../house.ts";
import { link } from "../router.ts";

export function NewReportLink() {
  const { may } = useHouse();
  if (!may("startRun")) return null;
  return (
    <a class="button main" href={link("new")}>
      New report
    </a>
  );
}
