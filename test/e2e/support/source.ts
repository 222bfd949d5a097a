import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BackupVerification,
  LitestreamApp,
  type LitestreamAppProps,
  manifests,
} from "../../../src";
import { GOOD, newApp, ownStack, synthesized } from "../../support/synth";

/** What Litestream's metrics say of a database. */
export interface Counters {
  readonly txid: number | string;
  readonly syncs?: number;
  readonly errors?: number;
}

/** The metrics at the `index`-th request: databases by their name in the folder; or a whole answer; or none. */
type Metrics = (
  index: number,
) => Readonly<Record<string, Counters>> | ((response: ServerResponse) => void);

/** Databases declared by their names in the app's folder, which is one of the test's. */
export type Declared =
  | string
  | { readonly path: string; readonly optional: boolean }
  | { readonly dir: string; readonly pattern: string; readonly atMost: number };

const EVERY = { SOURCE_LOOK_SECONDS: "2", SOURCE_SYNC_SECONDS: "0", SOURCE_PATIENCE_SECONDS: "0" };

/** What a verification's proof is, on this machine: the real Litestream, a file replica, and an app of which only metrics are there. */
export class Backup {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-source-"));
  metrics: Metrics = () => ({});
  requests = 0;
  private readonly env: Record<string, string>;
  private server: Server | undefined;

  constructor(declared: readonly Declared[]) {
    for (const name of ["data", "replica", "etc", "program", "proof", "report"])
      mkdirSync(this.path(name));
    const tree = newApp();
    const stack = ownStack(tree);
    const databases = declared.map((one) =>
      typeof one === "string"
        ? this.path(`data/${one}`)
        : "dir" in one
          ? { ...one, dir: this.path(`data/${one.dir}`) }
          : { ...one, path: this.path(`data/${one.path}`) },
    ) as LitestreamAppProps["databases"];
    const mountPath = this.path("data");
    const of = new LitestreamApp(stack, "notes", { ...GOOD, databases, mountPath });
    new BackupVerification(stack, "verification", { of, maxLag: "1s" });
    const objects: any[] = manifests(synthesized(tree));
    for (const [folder, name] of [
      ["etc", "notes-litestream"],
      ["program", "notes-verify"],
    ] as const) {
      const { data } = objects.find(
        ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name,
      );
      for (const file of Object.keys(data))
        writeFileSync(this.path(`${folder}/${file}`), this.here(data[file]));
    }
    const { initContainers } = objects.find(({ kind }) => kind === "CronJob").spec.jobTemplate.spec
      .template.spec;
    this.env = Object.fromEntries(
      initContainers[0].env.map(({ name, value }: any) => [name, this.here(value)]),
    );
  }

  /** Writes a row into a database of the app, and a transaction for it. */
  write(name: string, count = 1): void {
    for (let row = 0; row < count; row++)
      run("sqlite3", [
        this.path(`data/${name}`),
        "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (x); INSERT INTO t VALUES (1)",
      ]);
  }

  /** Has Litestream put all that is there into the replica; gives the transaction of a database. */
  sync(name?: string): number {
    const args = ["replicate", "-once", "-config", this.path("etc/litestream.yml")];
    // It fails when a database isn't there, after it has synced the others.
    const { stderr } = spawnSync("litestream", args, {
      env: { PATH: process.env.PATH ?? "", ...this.env },
      encoding: "utf8",
    });
    if (stderr.replace(/.*no position, waiting for data\n/, "") !== "") throw new Error(stderr);
    return name === undefined ? 0 : this.transaction(name);
  }

  /** The transaction at which the replica of a declared database ends. */
  transaction(name: string): number {
    const args = ["restore", "-dry-run", "-json", "-config", this.path("etc/litestream.yml")];
    const plan = run("litestream", [...args, this.path(`data/${name}`)], this.env);
    return Number.parseInt(JSON.parse(plan).max_txid, 16);
  }

  /** Proves it; gives the report, and how long that took in seconds. */
  async prove(environment: Readonly<Record<string, string>> = {}): Promise<any> {
    await this.listen();
    const began = Date.now();
    const args = [this.path("program/prove.pl"), "60", "end", "notes", "apps", "full", "no"];
    const port = (this.server?.address() as AddressInfo | undefined)?.port;
    const child = spawn("perl", args, {
      env: {
        PATH: process.env.PATH ?? "",
        ...this.env,
        SOURCE_METRICS: `127.0.0.1:${port ?? 1}`,
        ...EVERY,
        ...environment,
      },
    });
    let stderr = "";
    child.stdout.resume();
    child.stderr.on("data", (data: Buffer) => void (stderr += data.toString()));
    await new Promise((resolve) => child.once("close", resolve));
    const seconds = (Date.now() - began) / 1000;
    this.server?.closeAllConnections();
    this.server?.close();
    const report = JSON.parse(readFileSync(this.path("report/webhook.json"), "utf8"));
    const messages = report.databases.map(({ database, outcome, step, message }: any) => [
      database.replace(`${this.path("data")}/`, ""),
      outcome === "failed" ? `${step}: ${message}` : outcome,
    ]);
    return { ...report, messages: Object.fromEntries(messages), took: seconds, stderr };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  private async listen(): Promise<void> {
    const server = createServer((_, response) => {
      const answer = this.metrics(this.requests++);
      if (typeof answer === "function") return answer(response);
      const lines = Object.entries(answer).flatMap(([name, { txid, syncs = 5, errors = 0 }]) => {
        const db = this.path(`data/${name}`).replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
        return [
          `litestream_db_size{db="${db}"} 1.234567e+06`,
          `litestream_sync_count{db="${db}"} ${syncs}`,
          `litestream_sync_error_count{db="${db}"} ${errors}`,
          `litestream_txid{db="${db}"} ${txid}`,
        ];
      });
      return response.end(`# TYPE litestream_txid gauge\n${lines.join("\n")}\n`);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }

  /** What is mounted in the pod, here. */
  private here(text: string): string {
    return text
      .replace(/^\/proof$/, this.path("proof"))
      .replace(/^\/report$/, this.path("report"))
      .replaceAll("/etc/litestream", this.path("etc"))
      .replace(/(path: "?)\/replica\//g, `$1${this.path("replica")}/`)
      .replace("addr: :9090", "addr: 127.0.0.1:0");
  }
}

function run(program: string, args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    env: { PATH: process.env.PATH ?? "", ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

/** Metrics that go on counting syncs, as a Litestream does that follows its databases. */
export const syncing =
  (databases: Record<string, Counters>) =>
  (index: number): Record<string, Counters> =>
    Object.fromEntries(
      Object.entries(databases).map(([name, counters]) => [
        name,
        { ...counters, syncs: (counters.syncs ?? 5) + index },
      ]),
    );

/** `describe`, or `describe.skip` with the reason in its name where Litestream isn't there. */
export function withLitestream(name: string, body: () => void): void {
  const { stdout } = spawnSync("litestream", ["version"], { encoding: "utf8" });
  if (stdout?.includes("0.5.16")) describe(name, body);
  else describe.skip(`${name} (skipped: needs Litestream 0.5.16 on the PATH)`, body);
}
