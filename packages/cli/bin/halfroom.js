#!/usr/bin/env node
// The command in a checkout: runs the compiled sources, and compiles them first if they have changed.
import { builtCommand } from "../../../tools/checkout.js";

await import(await builtCommand());
