import { type LogLine, readLine, type Restored } from "./log";
import type { Plan } from "./plan";

/** How a restore ended. */
export type Outcome =
  | { readonly kind: "restored"; readonly restored: readonly Restored[] }
  /** It failed, and everything is as it was. */
  | { readonly kind: "unchanged"; readonly reason: string }
  /** It failed, and something isn't as it was. */
  | { readonly kind: "not whole"; readonly reason: string }
  /** The pod ended without a word: nobody knows how far it came. */
  | { readonly kind: "lost"; readonly reason: string };

/** What restore-now.sh says when it changes what the replica holds. */
const SENT = "making it the newest state in the replica";

/** How the pod ended, by its exit code and its log. */
export function outcomeOf(
  plan: Plan,
  exitCode: number | undefined,
  log: readonly string[],
): Outcome {
  const lines = log.map(readLine);
  const restored = lines.flatMap((line) => (line.kind === "restored" ? [line.restored] : []));
  const reason = reasonIn(lines) ?? "it doesn't say why";
  if (exitCode === 1) return { kind: "unchanged", reason };
  if (exitCode === 3) return { kind: "not whole", reason };
  // The results are the last that it says: a pod that was lost after them had done its work.
  if (restored.length === plan.databases.length) return { kind: "restored", restored };
  const ended = exitCode === undefined ? "the pod is gone" : `exit code ${exitCode}`;
  return { kind: "lost", reason: `its pod ended without having finished (${ended})` };
}

/** The last error, without the words that begin each. */
function reasonIn(lines: readonly LogLine[]): string | undefined {
  const said = lines.flatMap((line) => (line.kind === "said" ? [line] : []));
  const failed = said.find(({ text }) => text.startsWith("restore failed: "));
  const before = said
    .slice(0, failed ? said.indexOf(failed) : undefined)
    .filter(({ level, database }) => level === "ERROR" && database === "")
    .map(({ text }) => text);
  const main = failed?.text.replace(/^restore failed: /, "");
  if (main === undefined) return before.at(-1);
  const cause = before.at(-1);
  return main.endsWith("see the line before") && cause
    ? main.replace(/see the line before$/, cause)
    : main;
}

/**
 * What is to be thought of a restore that ended without a word, once what it has moved on volumes is back: where no
 * volume keeps the database, its state is what the replica holds.
 *
 * @param log undefined when nobody has it any more
 */
export function afterLoss(
  { databases }: Plan,
  reason: string,
  log: readonly string[] | undefined,
): Outcome {
  const passing = databases.filter(({ lies }) => lies === "ephemeral").map(({ path }) => path);
  const sent =
    log === undefined
      ? passing
      : log
          .map(readLine)
          .flatMap((line) => (line.kind === "said" && line.text === SENT ? [line.database] : []))
          .filter((database) => passing.includes(database));
  if (sent.length === 0) return { kind: "unchanged", reason };
  return {
    kind: "not whole",
    reason: `${reason}; the newest state in the replica may be the restored one: ${sent.join(", ")}`,
  };
}
