import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LitestreamSettings, Replica } from "../../../src";
import { replicaLister } from "../../../src/litestream/replica";
import { objectsOf } from "../../support/synth";
import { type Result, run, tryRun } from "./run";

/** Fails where a program that the tests run on this machine isn't there. */
export async function requireTools(tools: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [tool, what] of Object.entries(tools)) {
    const found = await tryRun("sh", ["-c", `command -v ${tool}`]);
    if (found.code !== 0) missing.push(`${tool} (${what})`);
  }
  if (missing.length > 0) throw new Error(`These tests need on the PATH: ${missing.join(", ")}.`);
}

/**
 * What LitestreamApp makes of a replica, on this machine instead of in a pod: litestream.yml, environment and
 * files of Litestream's containers, with the folders that are mounted there in one of the test's.
 *
 * @param values the values of the Secrets' keys
 */
export class Litestream {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-replica-"));
  private readonly environment: Record<string, string>;

  constructor(
    private readonly replica: Replica,
    private readonly databases: readonly string[],
    private readonly values: (key: string) => string,
    settings: LitestreamSettings = {},
  ) {
    for (const name of ["data", "etc", "run/uploads", "replica"])
      mkdirSync(join(this.folder, name), { recursive: true });
    const { ConfigMap, StatefulSet } = objectsOf({
      replica,
      databases: databases.map((name) => this.path(name)),
      mountPath: join(this.folder, "data"),
      litestream: settings,
    });
    writeFileSync(
      join(this.folder, "etc/litestream.yml"),
      this.here(ConfigMap.data["litestream.yml"]),
    );
    const { initContainers, volumes } = StatefulSet.spec.template.spec;
    const [, sidecar] = initContainers;
    this.environment = Object.fromEntries(
      sidecar.env.map(({ name, value, valueFrom }: any) => [
        name,
        valueFrom ? values(valueFrom.secretKeyRef.key) : this.here(value),
      ]),
    );
    for (const { name, mountPath } of sidecar.volumeMounts) {
      const { projected } = volumes.find((volume: any) => volume.name === name) ?? {};
      if (!projected) continue;
      mkdirSync(this.here(mountPath), { recursive: true });
      for (const { secret, serviceAccountToken: token } of projected.sources) {
        const [file, value] = secret
          ? [secret.items[0].path, values(secret.items[0].key)]
          : [token.path, "a token"];
        writeFileSync(join(this.here(mountPath), file), value, { mode: 0o440 });
      }
    }
  }

  /** Runs `litestream …` with the environment of the container and no more. */
  run(...args: string[]): Promise<Result> {
    const environment = { PATH: process.env.PATH ?? "", ...this.environment };
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return tryRun("env", ["-i", ...settings, "litestream", ...args]);
  }

  /** The folders that rclone finds in the replica. */
  async listed(rclone: string): Promise<string[]> {
    const place = { secrets: join(this.folder, "secrets/replica"), texts: this.folder };
    const lister = replicaLister(this.replica, place);
    if (!lister) throw new Error("nothing lists this replica");
    const settings = Object.entries(lister.environment).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : this.values(value.key),
    ]);
    const env = Object.fromEntries(settings);
    for (const name of lister.obscured ?? [])
      env[name] = (await run(rclone, ["obscure", "-"], { input: env[name] })).trim();
    for (const [name, text] of Object.entries(lister.files ?? {}))
      writeFileSync(join(this.folder, name), text);
    const out = await run(
      rclone,
      ["lsf", "--config", "", "--low-level-retries", "1", `replica:${lister.path}`],
      { env },
    );
    return out.split("\n").filter((line) => line !== "");
  }

  path(database: string): string {
    return join(this.folder, "data", database);
  }

  /** Writes rows of its own into each database. */
  async write(number: number): Promise<void> {
    for (const name of this.databases)
      await run("sqlite3", [
        this.path(name),
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, text TEXT)",
        `INSERT INTO rows VALUES (${number}, '${name}')`,
      ]);
  }

  /** The rows of each database. */
  async rows(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const name of this.databases)
      found[name] = existsSync(this.path(name))
        ? await run("sqlite3", ["-readonly", this.path(name), "SELECT * FROM rows"])
        : "none";
    return found;
  }

  loseDatabases(): void {
    rmSync(join(this.folder, "data"), { recursive: true });
    mkdirSync(join(this.folder, "data"));
  }

  /** What is mounted in the pod, here. */
  private here(text: string): string {
    return text
      .replaceAll("/run/secrets/litestream/", `${this.folder}/secrets/`)
      .replaceAll("/run/litestream/", `${this.folder}/run/`)
      .replaceAll("/etc/litestream/", `${this.folder}/etc/`)
      .replaceAll(" /replica/", ` ${this.folder}/replica/`)
      .replace("addr: :9090", "addr: 127.0.0.1:0");
  }
}
