import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port";
import { eventually, tryRun } from "./run";

const SOURCES = join(__dirname, "../servers");

/** A program of test/e2e/servers, built once for each state of its sources, outside the checkout. */
export async function built(name: "rclone" | "nats"): Promise<string> {
  const files = [
    "go.mod",
    "go.sum",
    ...readdirSync(join(SOURCES, name)).map((one) => `${name}/${one}`),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCES, file)));
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = join(caches, "cdktf-sqlite-e2e");
  const program = join(folder, `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const args = ["build", "-buildvcs=false", "-o", unfinished, `./${name}`];
  const { code, stderr } = await tryRun("go", args, { cwd: SOURCES });
  if (code !== 0) throw new Error(`test/e2e/servers/${name} doesn't build:\n${stderr}`);
  renameSync(unfinished, program);
  return program;
}

export interface Server {
  readonly port: number;
  stop(): void;
}

/** Serves a folder by rclone, on a free port of 127.0.0.1, and waits until it can be connected to. */
export async function serve(
  protocol: "sftp" | "webdav",
  folder: string,
  flags: readonly string[],
): Promise<Server> {
  const program = await built("rclone");
  const port = await freePort();
  const address = ["--addr", `127.0.0.1:${port}`];
  const apart = ["--config", "", "--cache-dir", `${folder}-cache`, "--vfs-cache-mode", "writes"];
  const args = ["serve", protocol, folder, ...address, ...apart, ...flags];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  await eventually(`rclone serve ${protocol}`, 30, async () => {
    if (child.exitCode !== null) throw new Error(said);
    return reachable(port);
  }).catch((error: unknown) => {
    child.kill();
    throw error;
  });
  return { port, stop: () => child.kill() };
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.once("error", () => resolve(false)).once("connect", () => socket.destroy());
  });
}

/** A new SSH key: the private one in a form that Go reads, the public one as ssh-keyscan prints it. */
export function sshKey(kind: "ecdsa" | "ed25519"): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } =
    kind === "ecdsa"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("ed25519");
  const fields = publicFields(kind, publicKey);
  const wire = Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: `${String(fields[0])} ${wire.toString("base64")}`,
  };
}

function publicFields(kind: "ecdsa" | "ed25519", key: KeyObject): Buffer[] {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const [first, second] = [x, y].map((part) => Buffer.from(part, "base64url"));
  if (!first || !second) throw new Error("the key has no x and y");
  if (kind === "ed25519") return [Buffer.from("ssh-ed25519"), first];
  const point = Buffer.concat([Buffer.from([4]), first, second]);
  return [Buffer.from("ecdsa-sha2-nistp256"), Buffer.from("nistp256"), point];
}
