import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BackupSource,
  LitefsCluster,
  type LitefsClusterProps,
  type Manifest,
  manifests,
  Replica,
  Secret,
  Storage,
} from "../../src";
import { backupScript } from "../../src/litefs/scripts/backup";
import { clusterModule } from "../../src/litefs/scripts/common";
import { evidenceModule } from "../../src/litefs/scripts/evidence";
import { guardScript } from "../../src/litefs/scripts/guard";
import { sourceModule } from "../../src/litefs/verification/source-module";
import type { BackupVerificationConfig } from "../../src/verification/config";
import { verificationFiles } from "../../src/verification/files";
import { freePort } from "./free-port";
import { untemplated } from "./proof";
import { failure, newApp, ownStack, synthesized } from "./synth";

/** A cluster without anything wrong; the tests change one thing at a time. */
export const GOOD_CLUSTER: LitefsClusterProps = {
  name: "notes",
  namespace: "notes",
  image: "ghcr.io/example/notes:1.2.3",
  port: 8080,
  databases: ["/data/db/notes.db"],
  storage: Storage.claim({ size: "1Gi" }),
  replica: Replica.s3({ bucket: "backups", path: "notes", credentials: Secret.existing("keys") }),
};

/** The Kubernetes objects of a cluster with some props changed, by "Kind/name". */
export function clusterObjects(props: Partial<LitefsClusterProps> = {}): Record<string, any> {
  const app = newApp();
  new LitefsCluster(ownStack(app), "notes", { ...GOOD_CLUSTER, ...props });
  const objects: Manifest[] = manifests(synthesized(app));
  return Object.fromEntries(
    objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]),
  );
}

/** The lines that a synthesis with some props changed reports. */
export function clusterProblemsOf(props: object): string[] {
  const app = newApp();
  new LitefsCluster(ownStack(app), "notes", { ...GOOD_CLUSTER, ...props } as LitefsClusterProps);
  return failure(app)
    .split("\n")
    .filter((line) => line.startsWith("  ") && !line.includes("problem"))
    .map((line) => line.trim());
}

/** What LiteFS says of a node. */
export interface Node {
  readonly id?: string;
  readonly txid?: Readonly<Record<string, number>>;
  /** What /export gives, by database. */
  readonly databases?: Readonly<Record<string, Buffer>>;
}

/** The folders of one pod, a replica, and the APIs of other nodes. */
export class Pod {
  private readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-litefs-"));
  private child: ChildProcess | undefined;
  private readonly servers = new Map<string, Server>();
  /** Where other pods' guards answer, and this one's. */
  private readonly guards = new Map<string, number>();
  private port = 0;

  constructor() {
    for (const name of ["program", "data/dbs", "backup", "replica", "recovery"])
      mkdirSync(this.path(name), { recursive: true });
    const programs = {
      "Cluster.pm": clusterModule,
      "Evidence.pm": evidenceModule,
      "guard.pl": guardScript,
      "backup.pl": backupScript,
      // In the pod it stays, and holds the port.
      "passed.pl": "open my $file, '>', \"$ENV{LITEFS_DATA}/passed\"; print {$file} $ARGV[0]",
    };
    for (const [name, text] of Object.entries(programs))
      writeFileSync(this.path(`program/${name}`), text);
    const entry = (file: string, folder: string) =>
      `  - path: ${this.path("backup")}/${file}\n    replica: {type: file, path: ${this.path("replica")}/${folder}}\n`;
    const note = entry("cluster-note.db", "cluster-note");
    writeFileSync(
      this.path("program/litestream.yml"),
      `logging: {type: json}\nsocket: {enabled: true, path: ${this.path("backup")}/litestream.sock}\ndbs:\n${entry("notes.db", "notes.db")}${entry("old.db", "old.db")}${note}`,
    );
    writeFileSync(this.path("program/note.yml"), `logging: {type: json}\ndbs:\n${note}`);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Puts a database into this pod's LiteFS folder, as it is after some transactions. */
  holds(database: string, transaction: number, id = "LFSC1"): void {
    const hex = transaction.toString(16).padStart(16, "0");
    const folder = this.path(`data/dbs/${database}`);
    mkdirSync(`${folder}/ltx`, { recursive: true });
    writeFileSync(`${folder}/ltx/${hex}-${hex}.ltx`, "");
    writeFileSync(`${folder}/database`, "SQLite format 3\0".padEnd(100));
    writeFileSync(this.path("data/clusterid"), `${id}\n`);
  }

  /** Has another node answer. */
  async node(name: string, { id, txid = {}, databases = {} }: Node): Promise<void> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://node");
      if (pathname === "/info")
        return response.end(`${JSON.stringify({ clusterID: id, isPrimary: false }, null, 2)}\n`);
      if (pathname === "/metrics")
        return response.end(
          Object.entries(txid)
            .map(([db, value]) => `litefs_db_txid{db="${db}"} ${value.toExponential()}\n`)
            .join(""),
        );
      const database = databases[searchParams.get("name") ?? ""];
      if (pathname === "/export" && database) {
        // In chunks, as LiteFS does.
        response.write(database.subarray(0, 100));
        return response.end(database.subarray(100));
      }
      response.statusCode = 404;
      return response.end();
    });
    await new Promise<void>((resolve) =>
      server.listen(this.guards.get(name) ?? 0, "127.0.0.1", resolve),
    );
    this.servers.set(name, server);
  }

  /** Has the guards of two pods find each other. */
  async meets(name: string, other: Pod, otherName: string): Promise<void> {
    [this.port, other.port] = [await freePort(), await freePort()];
    this.guards.set(otherName, other.port);
    other.guards.set(name, this.port);
  }

  /** Runs the guard of a pod until it passes, or is ended as it refuses; gives its exit code and what it said. */
  guard(
    mode: string,
    { pod = "notes-0", pods = 3, patience = 1, until = /"level":"ERROR"/ } = {},
  ): Promise<{ code: number | null; said: string[] }> {
    this.tell(mode);
    writeFileSync(this.path("recovery/pods"), String(pods));
    const args = [this.path("program/guard.pl"), "20204", "notes", "notes.db"];
    const env = {
      LITEFS_POD: pod,
      GUARD_PATIENCE: String(patience),
      GUARD_PORT: String(this.port),
    };
    return this.run(args, env, until);
  }

  /** Starts the backup of a pod, and ends it once it has said something. */
  backup(
    until: RegExp,
    { pod = "notes-0", database = "notes.db" } = {},
  ): Promise<{ code: number | null; said: string[] }> {
    const args = [this.path("program/backup.pl"), "1", "notes", database];
    return this.run(args, { LITEFS_POD: pod, LITEFS_HOST: pod }, until);
  }

  /** Proves the backup; gives how each step of the database went, or what is wrong with it. */
  async prove(interval = 1): Promise<string[]> {
    for (const name of ["proof", "report"]) mkdirSync(this.path(name), { recursive: true });
    const source = { files: { "Source.pm": sourceModule, "Cluster.pm": clusterModule } };
    const config = { assertions: [] } as unknown as BackupVerificationConfig;
    const files = verificationFiles(config, source as unknown as BackupSource);
    for (const [name, text] of Object.entries(files))
      writeFileSync(this.path(`program/${name}`), name in source.files ? text : untemplated(text));
    writeFileSync(this.path("program/databases"), "/data/notes.db\n");
    const args = [this.path("program/prove.pl"), "60", "end", "notes", "apps", "full", "no"];
    await this.run(args, {
      LITESTREAM_CONFIG: this.path("program/litestream.yml"),
      SOURCE_PRIMARY: "notes-0",
      SOURCE_INTERVAL: String(interval),
      SOURCE_BACKUP_FOLDER: this.path("backup"),
      SOURCE_PATIENCE_SECONDS: "1",
      PROOF_LAG_SECONDS: "1",
      PROOF_FOLDER: this.path("proof"),
      REPORT_FOLDER: this.path("report"),
    });
    const { databases } = JSON.parse(this.read("report/webhook.json"));
    return databases.flatMap(({ outcome, step, message, restoredTransaction }: any) =>
      outcome === "failed" ? [`${step}: ${message}`] : [`${outcome} ${restoredTransaction}`],
    );
  }

  private run(
    args: string[],
    env: Record<string, string>,
    until?: RegExp,
  ): Promise<{ code: number | null; said: string[] }> {
    const ports = new Map(this.guards);
    for (const [name, server] of this.servers)
      ports.set(name, (server.address() as AddressInfo).port);
    const addresses = [...ports].map(([name, port]) => `${name}=127.0.0.1:${port}`);
    const child = spawn("perl", args, {
      env: {
        PATH: process.env.PATH,
        PEERS: "",
        GUARD_OTHERS: "1",
        LITEFS_DATA: this.path("data"),
        RECOVERY_FOLDER: this.path("recovery"),
        BACKUP_FOLDER: this.path("backup"),
        LITEFS_ADDRESSES: addresses.join(" "),
        ...env,
      },
    });
    this.child = child;
    let output = "";
    let told = false;
    const read = (data: Buffer) => {
      output += data.toString();
      if (until && !told && until.test(output)) {
        told = true;
        child.kill("SIGTERM");
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    const late = setTimeout(() => child.kill("SIGTERM"), 20_000);
    return new Promise((resolve) =>
      child.once("close", (code) => {
        clearTimeout(late);
        const said = output
          .split("\n")
          .map((line) => (line.startsWith("{") ? JSON.parse(line) : { msg: line }))
          .filter(({ system }) => system === undefined)
          .filter(({ db, level }) => db !== undefined || level === undefined)
          .map(({ level, msg }) => (level === undefined ? msg : `${level} ${msg}`))
          .filter((line) => line !== "");
        resolve({ code, said });
      }),
    );
  }

  /** Tells a guard that waits something else. */
  tell(mode: string): void {
    writeFileSync(this.path("recovery/when-primary-is-empty"), mode);
  }

  async until(condition: () => boolean, what = "what is waited for"): Promise<void> {
    const end = Date.now() + 10_000;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`${what}: not within 10 s`);
      await sleep(50);
    }
  }

  /** Waits until the startup probe of the pod's guard would tell this. */
  says(what: string | RegExp): Promise<void> {
    const said = () => (this.has("backup/guard") ? this.read("backup/guard").trim() : "");
    const told = () => (typeof what === "string" ? said() === what : what.test(said()));
    return this.until(told, `the guard says: ${what}`);
  }

  /** Has a node answer no more. */
  forget(name: string): void {
    this.servers.get(name)?.closeAllConnections();
    this.servers.get(name)?.close();
    this.servers.delete(name);
  }

  /** Ends what runs. */
  stop(): void {
    this.child?.kill("SIGTERM");
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  end(): void {
    if (this.child?.exitCode === null) this.child.kill("SIGKILL");
    for (const server of this.servers.values()) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
