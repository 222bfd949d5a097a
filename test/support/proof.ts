import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BackupSource } from "../../src";
import type { BackupVerificationConfig } from "../../src/verification/config";
import { verificationFiles } from "../../src/verification/files";

/** A database as it comes back: the SQL that makes it, or the bytes of its file; undefined when there is none. */
export type Prepared = string | Buffer | undefined;

export interface ProofOptions {
  readonly assertions?: readonly { sql: string; equals?: string | number; database: string }[];
  readonly integrity?: "full" | "quick" | "none";
  readonly foreignKeys?: boolean;
  readonly seconds?: number;
  readonly then?: "stay" | "end";
  /** Perl that runs first in the source's subs of these names, where $db and $file or $restored are known. */
  readonly perl?: { databases?: string; restore?: string; fresh?: string };
}

/** A source whose databases lie in a folder already. */
const source = ({ databases = "", restore = "", fresh = "" }: NonNullable<ProofOptions["perl"]>) =>
  String.raw`package Source;
use strict;
use warnings;
my $folder = $ENV{STAND_IN};
my @names = split /\0/, Run::content("$folder/names");
my %place = map { $names[$_] => "$folder/$_" } 0 .. $#names;
sub databases { ${databases}; return @names }
sub restore {
  my ($db, $file) = @_;
  ${restore};
  return unless -e $place{$db};
  Run::run('cp', $place{$db}, $file);
  return { transaction => '0000000000000007', seconds => 1.5 };
}
sub fresh {
  my ($db, $restored) = @_;
  ${fresh};
  return { transaction => '0000000000000006', message => 'synced since' };
}
1;
`;

/** The file of a database that some SQL makes. */
export function sqliteFile(...sql: string[]): Buffer {
  const file = join(mkdtempSync(join(tmpdir(), "cdktf-sqlite-db-")), "a.db");
  for (const part of sql) {
    const { status, stderr } = spawnSync("sqlite3", ["-bail", file, part], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }
  return readFileSync(file);
}

const started: ChildProcess[] = [];

/** Ends what a test that failed has left. */
export function endProofs(): void {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
}

/** The whole program of a proof, and databases that its source only copies. */
export class Proof {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-proof-"));
  private child: ChildProcess | undefined;

  constructor(
    databases: Readonly<Record<string, Prepared>>,
    private readonly options: ProofOptions = {},
  ) {
    for (const name of ["program", "proof", "report", "source"]) mkdirSync(this.path(name));
    const names = Object.keys(databases);
    this.write("source/names", names.join("\0"));
    names.forEach((name, index) => {
      const made = databases[name];
      if (made === undefined) return;
      this.write(`source/${index}`, typeof made === "string" ? sqliteFile(made) : made);
    });
    const files = verificationFiles(
      { assertions: options.assertions ?? [] } as unknown as BackupVerificationConfig,
      { files: { "Source.pm": source(options.perl ?? {}) } } as unknown as BackupSource,
    );
    for (const [name, text] of Object.entries(files))
      this.write(`program/${name}`, name === "Source.pm" ? text : untemplated(text));
  }

  /** Runs it to its end. */
  run() {
    const { status, stdout, stderr } = spawnSync("perl", this.args, {
      env: this.env,
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    return { status, stderr, log: lines(stdout) };
  }

  /** Starts it, as its container does; `signal` ends it. */
  start(): void {
    this.child = spawn("perl", this.args, { env: this.env, stdio: "ignore" });
    started.push(this.child);
  }

  async signal(name: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child) throw new Error("nothing was started");
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(name);
    return ended;
  }

  /** A file that the reporter finds; undefined when there is none. */
  report(name: string): string | undefined {
    return this.read(`report/${name}`);
  }

  json(name: string): any {
    return JSON.parse(this.report(`${name}.json`) ?? "");
  }

  read(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8") : undefined;
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  get ended(): boolean {
    return this.child?.exitCode !== null;
  }

  /** Whether it waits for nothing but a signal. */
  get waits(): boolean {
    return !this.ended && /\) S /.test(readFileSync(`/proc/${this.child?.pid}/stat`, "utf8"));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  private write(name: string, text: string | Buffer): void {
    writeFileSync(this.path(name), text);
  }

  private get args(): string[] {
    const { seconds = 60, then = "end", integrity = "full", foreignKeys = false } = this.options;
    const assertions = this.options.assertions ?? [];
    return [
      this.path("program/prove.pl"),
      String(seconds),
      then,
      "notes",
      "apps",
      integrity,
      foreignKeys ? "yes" : "no",
      ...assertions.flatMap(({ database }, index) => [String(index), database]),
    ];
  }

  private get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      TEST: this.folder,
      STAND_IN: this.path("source"),
      PROOF_FOLDER: this.path("proof"),
      REPORT_FOLDER: this.path("report"),
    };
  }
}

/** A text as Terraform puts it into the ConfigMap. */
export function untemplated(text: string): string {
  return text.replaceAll("$${", () => "${").replaceAll("%%{", "%{");
}

/** The objects that a program logged, one a line. */
export function lines(output: string): any[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Whether a process runs: one that has ended, and that nobody has waited for, doesn't. */
export function running(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Looks again and again until something is there. */
export async function until<T>(found: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(20)) {
    const value = found();
    if (value !== undefined && value !== false) return value;
  }
  throw new Error(`it never came: ${found}`);
}
