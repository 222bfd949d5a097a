import { isExpression } from "../terraform/expression";
import { type Keys, type Problem, shapeProblems, unknownKeys, within } from "../terraform/problem";

/** A query whose result says that the restored data is what it should be. */
export interface Assertion {
  /** One SELECT in SQLite's dialect, for example "SELECT count(*) > 0 FROM users". */
  readonly sql: string;
  /**
   * What it must give, as `sqlite3` prints it: columns separated by "|", rows by line breaks. True is 1.
   *
   * @default "1"
   */
  readonly equals?: string | number;
  /** The database, or the directory whose databases are each asked, as the app declares it. @default the only one */
  readonly database?: string;
}

const KEYS = { sql: true, equals: true, database: true } satisfies Keys<Assertion>;

/** The result it must give, as text. */
export function expected({ equals = "1" }: Assertion): string {
  return String(equals);
}

/** Problems of the assertions on some databases. */
export function assertionProblems(
  assertions: readonly Assertion[],
  databases: readonly string[],
): Problem[] {
  return assertions.flatMap((one, index) =>
    within(`assertions[${index}]`, [
      ...unknownKeys("", one, KEYS),
      ...sqlProblems(one?.sql),
      ...equalsProblems(one?.equals),
      ...databaseProblems(one?.database, databases),
    ]),
  );
}

function sqlProblems(sql: unknown): Problem[] {
  return shapeProblems("sql", sql, /^\s*(select|with|values|pragma)\b/i, [
    "is not a query",
    'Write one, for example "SELECT count(*) > 0 FROM users".',
  ]);
}

function equalsProblems(equals: unknown): Problem[] {
  if (equals === undefined || isExpression(equals)) return [];
  if (typeof equals === "string" || typeof equals === "number") return [];
  return [
    {
      field: "equals",
      value: equals,
      wrong: "is neither text nor a number",
      fix: 'Write what sqlite3 prints, for example "1".',
    },
  ];
}

function databaseProblems(database: unknown, databases: readonly string[]): Problem[] {
  // That the app declares none is said there.
  if (databases.length === 0) return [];
  const known = databases.map((path) => (isExpression(path) ? "(known at apply)" : path));
  if (database === undefined && databases.length === 1) return [];
  if (database !== undefined && databases.includes(database as string)) return [];
  if (isExpression(database)) return [];
  return [
    {
      field: "database",
      value: database,
      wrong: database === undefined ? "is missing, and there are several" : "is none of the app's",
      fix: `Write one of ${known.join(", ")}.`,
    },
  ];
}
