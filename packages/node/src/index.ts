// A node as a library: functions, one a verb, that take an open node and plain data and give plain data back. What they reject
// with is an OperatorError, whose codes docs/errors.md lists; anything else is a defect.
export * from "./api/index.ts";
