import { isExpression } from "./expression";

/** Something wrong in a declaration, said so that its author can mend it without reading source. */
export interface Problem {
  /** Where it stands in the props, for example `databases[1].path`. */
  readonly field: string;
  /** The value found there; left out of the message when undefined. */
  readonly value?: unknown;
  /** What is wrong with it, as the end of a sentence: "is not an absolute path". */
  readonly wrong: string;
  /** What to write instead, as a sentence: 'Write "/data/app.db".' */
  readonly fix: string;
}

/** One line for a person: field, value, what is wrong, what to write instead. */
export function problemText({ field, value, wrong, fix }: Problem): string {
  const shown = value === undefined ? "" : ` ${JSON.stringify(value)}`;
  return `${field}:${shown} ${wrong}. ${fix}`;
}

/** The same problems, found one level deeper: `field` is put before theirs. */
export function within(field: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    field: problem.field.startsWith("[") ? field + problem.field : `${field}.${problem.field}`,
  }));
}

/** What is said of props that don't even have the right shape, which a type check would have found. */
export function unreadableProblem(error: unknown): Problem {
  return {
    field: "props",
    wrong: `can't be read: ${(error as Error).message}`,
    fix: "A value has another type than its prop: npx tsc --noEmit says which.",
  };
}

/** The keys of an interface, as a table: doesn't compile when one is missing or too many. */
export type Keys<T> = Readonly<Record<keyof Required<T>, true>>;

/** Problems of keys that nothing reads: a typo, which only a type check would find otherwise. */
export function unknownKeys(
  field: string,
  value: unknown,
  known: Readonly<Record<string, unknown>>,
): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([key, item]) => !(key in known) && item !== undefined)
    .map(([key]) => ({
      field: field === "" ? key : `${field}.${key}`,
      wrong: "is unknown",
      fix: `Take one of ${Object.keys(known).join(", ")}.`,
    }));
}

/** What is said of a value that is none of a few, and must be one of them at synth. */
export function choiceProblem(field: string, value: unknown, fix: string): Problem {
  if (!isExpression(value)) return { field, value, wrong: "is unknown", fix };
  return { field, wrong: "is known only at apply, but decides what is synthesized", fix };
}

/** Problems of a text that has to be there and to look so; a missing one is told by `fix` alone. */
export function shapeProblems(
  field: string,
  value: unknown,
  shape: RegExp,
  [wrong, fix]: readonly [wrong: string, fix: string],
): Problem[] {
  if (isExpression(value) || (typeof value === "string" && shape.test(value))) return [];
  return [{ field, value, wrong: value === undefined ? "is missing" : wrong, fix }];
}

/** Problems of a flag that decides what is synthesized, and so can't be an expression. */
export function flagProblems(flags: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(flags).flatMap(([field, value]) =>
    value === undefined || typeof value === "boolean"
      ? []
      : [
          {
            field,
            wrong: "is neither true nor false at synth",
            fix: "Write true or false itself.",
          },
        ],
  );
}
