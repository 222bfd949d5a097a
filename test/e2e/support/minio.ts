import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port";
import { eventually } from "./run";
import type { Keys } from "./s3";

/** MinIO's server. */
const PROGRAM = process.env.MINIO ?? "minio";

/** Whether it is here. */
export function hasMinio(): boolean {
  return spawnSync(PROGRAM, ["--version"]).status === 0;
}

export interface Minio {
  /** Host and port. */
  readonly address: string;
  readonly root: Keys;
  stop(): Promise<void>;
}

/** Starts MinIO on a free port of 127.0.0.1, with a folder that goes with it. */
export async function startMinio(): Promise<Minio> {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-minio-"));
  const address = `127.0.0.1:${await freePort()}`;
  const root = { accessKeyId: "root", secretAccessKey: "root-password-of-minio" };
  const child = spawn(PROGRAM, ["server", "--quiet", "--address", address, folder], {
    env: {
      ...process.env,
      MINIO_ROOT_USER: root.accessKeyId,
      MINIO_ROOT_PASSWORD: root.secretAccessKey,
      MINIO_BROWSER: "off",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await eventually("MinIO", 60, async () => {
    if (child.exitCode !== null) throw new Error(said);
    return (await fetch(`http://${address}/minio/health/live`)).ok;
  }).catch((error: unknown) => {
    child.kill();
    throw error;
  });
  return {
    address,
    root,
    async stop() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
