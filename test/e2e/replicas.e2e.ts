import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Replica, Secret } from "../../src";
import { REPLICA_NAMES, REPLICAS } from "../support/replicas";
import { S3 } from "./support/apps";
import { Litestream, requireTools } from "./support/litestream";
import { start } from "./support/run";
import { built, serve, sshKey } from "./support/servers";

/**
 * Litestream itself, on this machine, with what LitestreamApp renders: every configuration is accepted, and
 * against a real server of a type the rows come back. For Google Cloud Storage, Azure and OSS there is
 * no server here: whether their clouds take the credentials isn't tested.
 */
const secret = Secret.existing("keys");
/** Everything that YAML, a shell or Litestream's expansion could take for something else. */
const PASSWORD = `it's "a: b" $HOME \${HOME} %{x} #1 \\n`;

const stops: (() => void)[] = [];
const newFolder = () => mkdtempSync(join(tmpdir(), "cdktf-sqlite-server-"));

beforeAll(() =>
  requireTools({
    litestream: "0.5.16, https://litestream.io/install",
    sqlite3: "https://sqlite.org/cli.html",
    go: "1.24 or later, https://go.dev/dl; it builds the servers in test/e2e/servers",
  }),
);
afterAll(() => stops.forEach((stop) => stop()));

test.each(REPLICA_NAMES)("Litestream accepts %s", async (name) => {
  const litestream = new Litestream(REPLICAS[name], ["notes.db"], () => PASSWORD);
  const { code, stdout, stderr } = await litestream.run("databases", "-json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual([
    { path: litestream.path("notes.db"), replica: REPLICAS[name].kind },
  ]);
});

/** Two syncs, both databases lost, and a restore; rclone finds the databases' folders, where it can. */
async function roundTrip(replica: Replica, values: Record<string, string>): Promise<void> {
  const litestream = new Litestream(
    replica,
    ["notes.db", "notes_2.db"],
    (key) => values[key] ?? "",
  );
  for (const number of [1, 2]) {
    await litestream.write(number);
    const { code, stdout, stderr } = await litestream.run("replicate", "-once");
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
  }
  const before = await litestream.rows();
  expect(before).toEqual({
    "notes.db": "1|notes.db\n2|notes.db\n",
    "notes_2.db": "1|notes_2.db\n2|notes_2.db\n",
  });
  litestream.loseDatabases();
  for (const name of Object.keys(before)) {
    const { code, stdout, stderr } = await litestream.run("restore", litestream.path(name));
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
  }
  expect(await litestream.rows()).toEqual(before);
  if (replica.kind !== "nats" && replica.kind !== "file")
    expect(await litestream.listed(await built("rclone"))).toEqual(["notes.db/", "notes_2.db/"]);
}

describe("the rows come back", () => {
  test("from a folder", () => roundTrip(REPLICAS["file, a claim"], {}));

  test("from S3", () =>
    roundTrip(
      Replica.s3({
        endpoint: S3.endpointHere,
        region: S3.region,
        bucket: S3.bucket,
        path: `replicas/${Date.now()}`,
        credentials: { secret, accessKeyIdKey: "id", secretAccessKeyKey: "key" },
      }),
      { id: S3.accessKeyId, key: S3.secretAccessKey },
    ));

  test("from WebDAV", async () => {
    const served = newFolder();
    const flags = ["--user", "notes", "--pass", PASSWORD];
    const { port, stop } = await serve("webdav", served, flags);
    stops.push(stop);
    const url = `http://127.0.0.1:${port}`;
    const replica = Replica.webdav({ url, username: "notes", path: "a/b", credentials: secret });
    // As `kubectl create secret --from-file` takes it of a file that an editor wrote.
    await roundTrip(replica, { password: `${PASSWORD}\n` });
  });

  describe("from SFTP", () => {
    const [client, ecdsa, ed25519] = [sshKey("ed25519"), sshKey("ecdsa"), sshKey("ed25519")];
    const served = newFolder();
    let host = "";

    beforeAll(async () => {
      const keys = newFolder();
      const file = (name: string, text: string) => {
        writeFileSync(join(keys, name), text, { mode: 0o600 });
        return join(keys, name);
      };
      const { port, stop } = await serve("sftp", served, [
        ...["--user", "notes", "--pass", PASSWORD],
        ...["--authorized-keys", file("authorized_keys", client.publicKey)],
        ...["--key", file("ecdsa", ecdsa.privateKey), "--key", file("ed25519", ed25519.privateKey)],
      ]);
      stops.push(stop);
      host = `127.0.0.1:${port}`;
    });

    test("with a private key", () =>
      roundTrip(
        Replica.sftp({
          host,
          user: "notes",
          path: "a/b",
          credentials: secret,
          hostKey: ecdsa.publicKey,
        }),
        { "ssh-privatekey": client.privateKey },
      ));

    test("with a password, and from the root on", () =>
      roundTrip(
        Replica.sftp({
          host,
          user: "notes",
          path: "/c",
          credentials: { secret, passwordKey: "password" },
          hostKey: `${ecdsa.publicKey} a comment`,
        }),
        { password: PASSWORD },
      ));

    test.each([
      ["a key that isn't the server's", sshKey("ecdsa")],
      ["a key that comes after the server's first", ed25519],
    ])("not with %s", async (_, { publicKey }) => {
      const credentials = { secret, passwordKey: "password" };
      const replica = { host, user: "notes", path: "d", credentials, hostKey: publicKey };
      const litestream = new Litestream(Replica.sftp(replica), ["notes.db"], () => PASSWORD);
      await litestream.write(1);
      const { code, stdout, stderr } = await litestream.run("replicate", "-once");
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("ssh: host key mismatch");
      await expect(litestream.listed(await built("rclone"))).rejects.toThrow("key mismatch");
    });
  });

  describe("from NATS", () => {
    const BUCKETS = ["notes-notes-db", "notes-notes-2-db"];

    test.each<[string, (folder: string) => Partial<Parameters<typeof Replica.nats>[0]>]>([
      ["a password", () => ({ credentials: { username: "notes", secret } })],
      ["a token", () => ({ credentials: { secret, tokenKey: "token" } })],
      ["creds", () => ({ credentials: secret })],
      ["a certificate", () => ({ credentials: "none", rootCa: secret, clientCertificate: secret })],
    ])("with %s", async (kind, options) => {
      const folder = newFolder();
      const server = await start(await built("nats"), [
        folder,
        kind.replace("a ", ""),
        PASSWORD,
        ...BUCKETS,
      ]);
      stops.push(server.stop);
      const url = server.firstLine.trim();
      const replica = Replica.nats({
        url,
        bucket: "notes",
        credentials: "none",
        ...options(folder),
      });
      const file = (name: string) => {
        try {
          return readFileSync(join(folder, name), "utf8");
        } catch {
          return "";
        }
      };
      await roundTrip(replica, {
        password: PASSWORD,
        token: PASSWORD,
        "nats.creds": file("nats.creds"),
        "ca.crt": file("ca.crt"),
        "tls.crt": file("tls.crt"),
        "tls.key": file("tls.key"),
      });
    });
  });
});
