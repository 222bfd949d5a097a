import { RUN_FOLDER } from "../../src/litestream/folders";
import { Failure, TimeoutFailure } from "../cluster/failure";
import { litestreamFileFor } from "./configuration";
import type { DeployedApp } from "./deployed";
import type { PlannedDatabase } from "./plan";

/** What the replica would give. */
export interface Found {
  readonly database: string;
  readonly transaction: string;
  readonly writtenAt: string;
  readonly newest: string;
  readonly newestAt: string;
}

/** The sidecar's configuration has no entries for databases of directories. */
export function dryRun(
  app: DeployedApp,
  { path, directory }: Pick<PlannedDatabase, "path" | "directory">,
  flags: readonly string[],
): string[] {
  const asked = ["-dry-run", "-json", ...flags, "-o", `${RUN_FOLDER}/restore-now.db`, path];
  if (!directory)
    return [app.plain ? "/usr/local/bin/litestream" : "litestream", "restore", ...asked];
  const file = `${RUN_FOLDER}/restore-now.yml`;
  const script = `printf %s "$1" > ${file} && shift && litestream restore -config ${file} "$@"; status=$?; rm -f ${file}; exit $status`;
  return ["sh", "-c", script, "sh", litestreamFileFor(app, [path]), ...asked];
}

/** What a command said. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const UNCHANGED = "Nothing was stopped, and nothing has changed.";

/** @throws Failure instead of the TimeoutFailure of an answer that doesn't come */
export async function answerOf(
  path: string,
  seconds: number,
  answer: Promise<Answer>,
): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof TimeoutFailure)) throw error;
    throw new Failure(`The replica of ${path} doesn't answer within ${seconds} s.\n${UNCHANGED}`);
  }
}

export type Last = readonly [transaction: string, writtenAt: string];

/** The last file of a restore plan, as `litestream restore -dry-run -json` prints it. */
export function lastFile({ code, stdout, stderr }: Answer, otherwise: string): Last {
  if (code !== 0) throw new Failure(`${otherwise}: ${lastWords(stderr || stdout)}\n${UNCHANGED}`);
  const { max_txid: transaction, files } = JSON.parse(stdout) as {
    max_txid: string;
    files: readonly { timestamp: string }[];
  };
  return [
    transaction,
    files
      .map(({ timestamp }) => timestamp)
      .sort()
      .at(-1) ?? "",
  ];
}

function lastWords(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.replace(/^Error: /, "") || "it says nothing";
}
