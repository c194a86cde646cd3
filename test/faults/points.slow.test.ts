// Every encoding that must be refused, in every message with points.
import { testPoints } from "./refused-points.ts";

testPoints(() => true);
