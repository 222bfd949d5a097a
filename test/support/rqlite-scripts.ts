import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const children: ChildProcess[] = [];
const servers: Server[] = [];

/** Ends what a test that failed has left. */
export function endScripts(): void {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

/** A server on this machine; gives its port. */
export async function serve(answer: Answer): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** The page of an S3 list with these keys. */
export const listed = (keys: readonly string[]): string =>
  `<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated>${keys
    .map((key) => `<Contents><Key>${key.replaceAll("&", "&amp;")}</Key><Size>1</Size></Contents>`)
    .join("")}</ListBucketResult>`;

/** The scripts of a cluster's pods, with what is mounted there in a folder of this machine. */
export class Scripts {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-rqlite-"));

  /** @param port of the server that stands for all nodes */
  constructor(
    files: Readonly<Record<string, string>>,
    private readonly port: number,
  ) {
    for (const name of ["volume/data", "run", "etc", "size", "bin"])
      mkdirSync(join(this.folder, name), { recursive: true });
    for (const [name, text] of Object.entries(files)) this.write(`etc/${name}`, this.here(text));
    this.write("bin/rqlited", '#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n');
    chmodSync(join(this.folder, "bin/rqlited"), 0o755);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Runs one of them to its end, or until it says something. */
  async run(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    until?: string,
  ) {
    const child = spawn("sh", [join(this.folder, "etc", name), ...args], {
      env: { PATH: `${join(this.folder, "bin")}:${process.env.PATH ?? ""}`, ...env },
    });
    children.push(child);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      if (until !== undefined && stdout.includes(until)) child.kill("SIGKILL");
    });
    child.stderr.on("data", (data: Buffer) => void (stderr += data.toString()));
    const code = await new Promise<number | null>((resolve) =>
      child.once(until === undefined ? "close" : "exit", resolve),
    );
    return { code, stdout, stderr, lines: stdout.split("\n").filter((line) => line !== "") };
  }

  /** What is mounted in a pod, here. */
  here(text: string): string {
    return text
      .replaceAll("/etc/rqlite-size", join(this.folder, "size"))
      .replaceAll("/etc/rqlite-http-tls", join(this.folder, "http-tls"))
      .replaceAll("/etc/rqlite", join(this.folder, "etc"))
      .replaceAll("/run/rqlite", join(this.folder, "run"))
      .replaceAll("/run/remove", join(this.folder, "run"))
      .replaceAll("/rqlite/file", join(this.folder, "volume"))
      .replaceAll(/\b4001\b/g, String(this.port));
  }
}

/** The environment of a container whose Secrets hold these values. */
export function environmentOf(
  container: any,
  secrets: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    container.env.flatMap(({ name, value, valueFrom }: any) => {
      const secret = valueFrom?.secretKeyRef;
      if (secret) return [[name, secrets[secret.key] ?? ""]];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
