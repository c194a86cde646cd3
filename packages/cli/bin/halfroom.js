#!/usr/bin/env node
// The command of a checkout: runs the sources as compiled code, which is made when they have changed.
import { builtCommand } from "../../../tools/checkout.js";

await import(await builtCommand());
