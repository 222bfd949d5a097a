import type { TerraformStack } from "cdktf";
import { LitestreamApp, type LitestreamAppProps, Namespace, Storage } from "../../../src";
import type { Cluster } from "./cluster";
import { eventually } from "./run";

export const DATABASE = "/data/app.db";

/**
 * Writes ten rows a second, and `last` more after it is told to stop. Litestream opens the database as soon as there is one,
 * and could have it locked when the table is to be made.
 */
const script = (last: number) => `
db=${DATABASE}
until sqlite3 $db 'PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY)' >/dev/null; do sleep 0.1; done
left=-1
trap 'left=${last}' TERM
while [ $left -ne 0 ]; do
  number=$(sqlite3 -cmd '.timeout 5000' $db 'INSERT INTO rows DEFAULT VALUES RETURNING number') && echo $number >> /acknowledged/rows
  [ $left -lt 0 ] || left=$((left - 1))
  sleep 0.1 & wait $!
done`;

/** Holds the database's lock nearly all the time, for longer than Litestream waits for it. */
const LOCKED = `
db=${DATABASE}
until sqlite3 $db 'PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY)' >/dev/null; do sleep 0.1; done
touch /acknowledged/rows
trap 'stop=yes' TERM
while [ -z "$stop" ]; do
  printf 'BEGIN IMMEDIATE;\\nINSERT INTO rows DEFAULT VALUES RETURNING number;\\n.shell sleep 3\\nCOMMIT;\\n' |
    sqlite3 -cmd '.timeout 5000' $db > /tmp/number && cat /tmp/number >> /acknowledged/rows
done`;

type Kept = "storage" | "replica" | "whenNoBackup";

/** An app that does nothing but write rows. */
export function writer(
  stack: TerraformStack,
  namespace: Namespace,
  name: string,
  {
    last = 5,
    locks = false,
    ...props
  }: Partial<LitestreamAppProps> & { readonly last?: number; readonly locks?: boolean },
): LitestreamApp {
  return new LitestreamApp(stack, name, {
    ...(props as Pick<LitestreamAppProps, Kept>),
    name,
    namespace,
    image: "litestream/litestream:0.5.16",
    port: 8080,
    command: ["sh", "-c", locks ? LOCKED : script(last)],
    databases: [DATABASE],
    // What was acknowledged is noted where the pod's end doesn't reach.
    volumes: [{ mountPath: "/acknowledged", storage: Storage.claim({ size: "10Mi" }) }],
    disposable: true,
  });
}

/** The numbers of all rows that were acknowledged, in their order; one again when its first row was lost. */
export async function acknowledged(cluster: Cluster, pod: string): Promise<string[]> {
  return (await cluster.exec(pod, "app", "cat", "/acknowledged/rows")).trim().split("\n");
}

/** The rows that are there; asked for in the app's container, as Litestream's may have no sqlite3. */
export function rows(cluster: Cluster, pod: string): Promise<Set<string>> {
  const sql = "SELECT number FROM rows";
  // A reader that writes nothing needs the WAL's index, which is there while the database is open elsewhere.
  return eventually(
    `rows in ${pod}`,
    30,
    async () => new Set(await cluster.sqlite(pod, DATABASE, sql, "app")),
  );
}

/** Waits until the app has had so many more rows acknowledged. */
export async function moreRows(
  cluster: Cluster,
  pod: string,
  count: number,
  seconds = 60,
): Promise<void> {
  const before = (await acknowledged(cluster, pod)).length;
  await eventually(
    `${count} more rows in ${pod}`,
    seconds,
    async () => (await acknowledged(cluster, pod)).length >= before + count,
  );
}

/** How many acknowledged rows are gone; a lost row's number is given to a later one. */
export async function lost(cluster: Cluster, pod: string): Promise<number> {
  const noted = await acknowledged(cluster, pod);
  const found = await rows(cluster, pod);
  return noted.length - [...new Set(noted)].filter((number) => found.has(number)).length;
}
