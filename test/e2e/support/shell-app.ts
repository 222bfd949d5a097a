import type { TerraformStack } from "cdktf";
import {
  LitestreamApp,
  type LitestreamAppProps,
  type Namespace,
  Replica,
  Storage,
} from "../../../src";
import type { Cluster } from "./cluster";
import { eventually } from "./run";

/** An app that does nothing by itself: tests write into its databases with the sqlite3 in its image. */
export function shellApp(
  stack: TerraformStack,
  namespace: Namespace,
  props: Partial<LitestreamAppProps> & Pick<LitestreamAppProps, "databases">,
) {
  return new LitestreamApp(stack, "shell", {
    name: "shell",
    namespace,
    image: "litestream/litestream:0.5.16",
    port: 8080,
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"],
    storage: Storage.claim({ size: "1Gi" }),
    replica: Replica.file({ claim: { size: "1Gi" } }),
    stopTimeout: "5s",
    litestream: { shutdownSyncTimeout: "10s" },
    disposable: true,
    ...props,
  });
}

export const SHELL_POD = "shell-0";

/** Runs a shell script in the app's container. */
export function inApp(cluster: Cluster, script: string): Promise<string> {
  return cluster.exec(SHELL_POD, "app", "sh", "-c", script);
}

/** Writes to a database as the app does. */
export async function write(cluster: Cluster, database: string, sql: string): Promise<void> {
  await cluster.exec(SHELL_POD, "app", "sqlite3", "-cmd", ".timeout 5000", database, sql);
}

/**
 * The newest transaction of a database in the replica.
 *
 * @param directory the directory it lies in, if it isn't declared by itself
 */
async function lastTransaction(
  cluster: Cluster,
  database: string,
  directory?: string,
): Promise<string> {
  const list = (flags: string) => `litestream ltx ${flags} -level all -json ${database}`;
  const name = directory && database.slice(directory.length + 1);
  const entry = `sed 's|@LITESTREAM_DATABASE@|${name}|' /etc/litestream/directory-0.yml`;
  const one = "/run/litestream/one.yml";
  const script = directory ? `${entry} > ${one} && ${list(`-config ${one}`)}` : list("");
  const out = await cluster.exec(SHELL_POD, "litestream-sidecar", "sh", "-c", script);
  const files = JSON.parse(out) as { max_txid: string }[];
  return (
    files
      .map(({ max_txid }) => max_txid)
      .sort()
      .at(-1) ?? ""
  );
}

/** Writes to a database as the app does, and waits until that is in the replica; gives its transaction. */
export async function writeThrough(
  cluster: Cluster,
  database: string,
  sql: string,
  directory?: string,
): Promise<string> {
  const before = await lastTransaction(cluster, database, directory);
  await write(cluster, database, sql);
  return eventually(`${sql} in the replica`, 30, async () => {
    const last = await lastTransaction(cluster, database, directory);
    return last > before && last;
  });
}

/** Waits until a whole second has begun, and gives it: a time later than all that happened, earlier than what comes. */
export async function now(): Promise<string> {
  const second = Math.floor(Date.now() / 1000) + 1;
  await eventually("the next second", 5, async () => Date.now() > second * 1000);
  return new Date(second * 1000).toISOString().replace(".000", "");
}
