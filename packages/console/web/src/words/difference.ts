/** One thing that is otherwise than before. */
export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly now: string;
}
