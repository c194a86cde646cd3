// Every encoding that must be refused in one message or another, and the identity in each.
import { MESSAGES_WITH_POINTS, testPoints } from "./refused-points.ts";

testPoints((encoding, message) => encoding % MESSAGES_WITH_POINTS === message);
