import { Failure } from "../cluster/failure";
import { databaseEntry, litestreamText } from "../cluster/litestream-file";
import type { DeployedApp } from "./deployed";

/** What a program that ends by itself has no use for, or would do as if it were the app's Litestream. */
const LEFT_OUT = ["addr", "exec", "mcp-addr", "heartbeat-url", "heartbeat-interval", "socket"];

/**
 * litestream.yml reduced to some databases. Litestream is told to stop within seconds, and speaks JSON, which the log
 * is read by.
 */
export function litestreamFileFor(app: DeployedApp, paths: readonly string[]): string {
  const settings = Object.entries(app.file).filter(([key]) => !LEFT_OUT.includes(key));
  const dbs = paths.map((path) => {
    const entry = databaseEntry(app, path);
    if (!entry) throw new Failure(`${app.name} has no database ${path}.`);
    return entry;
  });
  const logging = { ...(app.file.logging as object | undefined), type: "json" };
  const shutdown = { "shutdown-sync-timeout": "10s" };
  return litestreamText({ ...Object.fromEntries(settings), ...shutdown, logging, dbs });
}
