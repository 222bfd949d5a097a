import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "cdktf";
import {
  BackupBucket,
  folderPolicy,
  type LitestreamSettings,
  LocalStateStack,
  MinioProvider,
  Replica,
  Secret,
} from "../../src";
import { HomeServerServices } from "../../stacks/home-server-services";
import { homeApps } from "../support/home-apps";
import { S3 } from "./support/apps";
import { Deployment } from "./support/deploy";
import { folderAccessTests, type TwoFolders } from "./support/folder-access";
import { apiUrl, checksByName, HEALTHCHECKS } from "./support/healthchecks";
import { Litestream, requireTools } from "./support/litestream";
import { type Minio, startMinio } from "./support/minio";
import { eventually, run, tryRun } from "./support/run";
import { type Keys, S3Client } from "./support/s3";
import { built } from "./support/servers";
import { withServices } from "./support/services";

const BUCKET = "home-backups";
const keysOf = (name: string, revision = 1): Keys => ({
  accessKeyId: name,
  secretAccessKey: `secret-of-${name}-${revision}-${process.pid}`,
});

beforeAll(() =>
  requireTools({
    curl: "7.75 or later, https://curl.se; it signs requests",
    litestream: "0.5.16, https://litestream.io/install",
    sqlite3: "https://sqlite.org/cli.html",
  }),
);

withServices("stack home-server-services, applied", () => {
  const deployment = new Deployment("home-server-services");
  let minio: Minio;
  const client = (keys: Keys) => new S3Client(`http://${minio.address}`, keys);

  const apply = (revision: number) =>
    deployment.applyStack((app, id) => new HomeServerServices(app, id, homeApps(app as App)), {
      minio_server: minio.address,
      minio_ssl: "false",
      minio_user: minio.root.accessKeyId,
      minio_password: minio.root.secretAccessKey,
      s3_bucket: BUCKET,
      s3_secret_keys: JSON.stringify(
        Object.fromEntries(
          ["notes", "wiki"].map((name) => [name, keysOf(name, revision).secretAccessKey]),
        ),
      ),
      s3_secret_revision: String(revision),
      healthchecks_api_key: HEALTHCHECKS.apiKey,
      healthchecks_api_url: apiUrl(),
    });

  const terraform = (...args: string[]) =>
    tryRun("terraform", [...args, "-no-color", "-input=false"], {
      cwd: deployment.directory,
      env: deployment.environment(),
    });

  const outputs = async () => {
    const all = JSON.parse(await deployment.terraform("output", "-json"));
    return Object.fromEntries(
      Object.entries(all).map(([name, one]) => [name, (one as { value: any }).value]),
    );
  };

  beforeAll(async () => {
    minio = await startMinio();
    await apply(1);
  });

  afterAll(async () => {
    await terraform("destroy", "-auto-approve", "-target=healthchecksio_check.notes-verify");
    await terraform("destroy", "-auto-approve", "-target=healthchecksio_check.wiki-verify");
    await deployment.clean();
    await minio.stop();
  });

  test("a second plan is empty", async () => {
    const { code, stdout, stderr } = await terraform("plan", "-detailed-exitcode");
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
  });

  test("its outputs are what home-server takes", async () => {
    expect(await outputs()).toMatchObject({
      s3_endpoint: `http://${minio.address}`,
      s3_region: "us-east-1",
      s3_bucket: BUCKET,
      s3_access_key_ids: { notes: "notes", wiki: "wiki" },
      ping_urls: { notes: expect.stringMatching(/^http/), wiki: expect.stringMatching(/^http/) },
    });
  });

  test("the checks wait as the CronJobs run, and tell somebody", async () => {
    const checks = await checksByName();
    expect(checks["notes-verify"]).toMatchObject({
      schedule: "0 2 * * 6",
      tz: "Etc/UTC",
      grace: 22_800,
      methods: "POST",
      channels: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(checks["wiki-verify"]).toMatchObject({ schedule: "30 4 * * *", tz: "Europe/Berlin" });
  });

  test("a report to a ping URL arrives at its check", async () => {
    const { ping_urls: urls } = await outputs();
    await fetch(urls.notes, { method: "POST" });
    await eventually("the check is up", 30, async () => {
      const checks = await checksByName();
      return checks["notes-verify"].status === "up";
    });
    expect((await checksByName())["wiki-verify"].status).toBe("new");
  });

  describe("what the users may", () => {
    folderAccessTests(() => ({
      bucket: BUCKET,
      root: client(minio.root),
      notes: client(keysOf("notes")),
      wiki: client(keysOf("wiki")),
    }));
  });

  test("an object's versions outlive its deletion by a user who may delete it", async () => {
    const [root, notes] = [client(minio.root), client(keysOf("notes"))];
    const versioned = `${BUCKET}/home/notes/versioned`;
    const versioning = (status: string) =>
      root.done("PUT", BUCKET, {
        query: { versioning: "" },
        body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
      });
    await versioning("Enabled");
    await notes.done("PUT", versioned, { body: "first" });
    await notes.done("DELETE", versioned);
    const query = { prefix: "home/notes/versioned", versions: "" };
    const { body } = await root.done("GET", BUCKET, { query });
    const [, versionId = ""] = /<Version>.*?<VersionId>([^<]+)/s.exec(body) ?? [];
    expect((await notes.request("DELETE", versioned, { query: { versionId } })).status).toBe(403);
    expect((await root.done("GET", versioned, { query: { versionId } })).body).toBe("first");
    await root.done("DELETE", versioned, { query: { versionId } });
    await versioning("Suspended");
  });

  describe("Litestream with the keys of a user", () => {
    const often: LitestreamSettings = {
      levels: [{ interval: "1s" }],
      l0Retention: "1s",
      l0RetentionCheckInterval: "1s",
    };

    const litestreamOf = (name: string, settings: LitestreamSettings = often, folder = name) => {
      const values: Record<string, string> = {
        id: name,
        key: keysOf(name).secretAccessKey,
      };
      const credentials = {
        secret: Secret.existing("keys"),
        accessKeyIdKey: "id",
        secretAccessKeyKey: "key",
      };
      const replica = Replica.s3({
        endpoint: `http://${minio.address}`,
        region: "us-east-1",
        bucket: BUCKET,
        path: `home/${folder}`,
        credentials,
      });
      return new Litestream(replica, ["app.db"], (key) => values[key] ?? "", settings);
    };

    /** Replicates while an app writes for some seconds; gives what Litestream said. */
    const writes = async (litestream: Litestream): Promise<string> => {
      await litestream.write(1);
      const script = join(litestream.folder, "app.sh");
      // A blob, so that a snapshot goes up in several parts.
      writeFileSync(
        script,
        `sqlite3 '${litestream.path("app.db")}' 'CREATE TABLE blobs (b); INSERT INTO blobs VALUES (randomblob(12000000))'
for number in 2 3 4 5 6 7 8 9; do
  sqlite3 -cmd '.timeout 5000' '${litestream.path("app.db")}' "INSERT INTO rows VALUES ($number, 'app.db')"
  sleep 1
done`,
      );
      const { code, stdout, stderr } = await litestream.run("replicate", "-exec", `sh ${script}`);
      expect({ code, said: code === 0 ? "" : stdout + stderr }).toMatchObject({ code: 0 });
      return stdout + stderr;
    };

    const restores = async (litestream: Litestream) => {
      const listed = await litestream.run("ltx", litestream.path("app.db"));
      expect(listed.stdout).toMatch(/^0 +[0-9a-f]{16} /m);
      litestream.loseDatabases();
      const { code, stdout, stderr } = await litestream.run("restore", litestream.path("app.db"));
      expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
      expect((await litestream.rows())["app.db"]?.trim().split("\n")).toHaveLength(9);
    };

    const FIRST = "0000/0000000000000001-0000000000000001.ltx";

    test("replicates, deletes what is old, lists and restores", async () => {
      const litestream = litestreamOf("notes");
      expect(await writes(litestream)).not.toMatch(/level=(WARN|ERROR)|AccessDenied/);
      await restores(litestream);
      const keys = await client(minio.root).list(BUCKET, "home/notes/app.db/");
      expect(keys).not.toContain(`home/notes/app.db/${FIRST}`);
      expect(keys.length).toBeGreaterThan(0);
    });

    test("without the right to delete, and with retention left to others", async () => {
      const litestream = litestreamOf("wiki", { ...often, retention: { enabled: false } });
      // It warns once that nobody deletes.
      expect(await writes(litestream)).not.toMatch(/level=ERROR|AccessDenied/);
      await restores(litestream);
      const keys = await client(minio.root).list(BUCKET, "home/wiki/app.db/");
      expect(keys).toContain(`home/wiki/app.db/${FIRST}`);
    });

    test("gets nowhere in another's folder", async () => {
      const litestream = litestreamOf("notes", often, "wiki");
      await litestream.write(1);
      const before = await client(minio.root).list(BUCKET, "home/wiki/");
      const { code, stderr, stdout } = await litestream.run("replicate", "-once");
      expect({ code, denied: /AccessDenied/.test(stdout + stderr) }).toEqual({
        code: 1,
        denied: true,
      });
      litestream.loseDatabases();
      const restore = await litestream.run("restore", litestream.path("app.db"));
      expect(restore.code).toBe(1);
      expect(await client(minio.root).list(BUCKET, "home/wiki/")).toEqual(before);
    });

    test("rclone lists the databases, and an empty folder as an empty one", async () => {
      const rclone = await built("rclone");
      expect(await litestreamOf("notes").listed(rclone)).toEqual(["app.db/", "object"]);
      expect(await litestreamOf("notes", often, "notes/none").listed(rclone)).toEqual([]);
      await expect(litestreamOf("notes", often, "wiki").listed(rclone)).rejects.toThrow(
        "AccessDenied",
      );
    });
  });

  test("a new key is written, and the old one is none any more", async () => {
    await apply(2);
    const list = (revision: number) =>
      client(keysOf("notes", revision)).request("GET", BUCKET, {
        query: { prefix: "home/notes/" },
      });
    expect([(await list(1)).status, (await list(2)).status]).toEqual([403, 200]);
  });

  test("neither state nor plan holds a key, the password or the API key", async () => {
    const { code } = await terraform("plan", "-out=saved.tfplan", "-var=s3_secret_revision=3");
    expect(code).toBe(0);
    const plan = await deployment.terraform("show", "-json", "saved.tfplan");
    expect(plan).toContain("secret_wo_version");
    await run("unzip", ["-o", "-q", "saved.tfplan", "-d", "saved"], { cwd: deployment.directory });
    const saved = join(deployment.directory, "saved");
    const files = readdirSync(saved, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const texts = [
      plan,
      ...[deployment.statePath, ...files].map((file) => readFileSync(file, "latin1")),
    ];
    const secrets = [
      minio.root.secretAccessKey,
      HEALTHCHECKS.apiKey,
      ...[1, 2].flatMap((revision) =>
        ["notes", "wiki"].map((name) => keysOf(name, revision).secretAccessKey),
      ),
    ];
    for (const secret of secrets)
      expect([secret, texts.some((text) => text.includes(secret))]).toEqual([secret, false]);
  });

  test.each([
    ["missing", {}],
    ["empty", { notes: "" }],
    ["too short", { notes: "1234567" }],
    ["followed by a line break", { notes: "0123456789\n" }],
  ])("a key that is %s is refused before anything is made of it", async (_, keys) => {
    const all = JSON.stringify({ wiki: keysOf("wiki", 2).secretAccessKey, ...keys });
    const { code, stderr } = await terraform("plan", `-var=s3_secret_keys=${all}`);
    expect(code).toBe(1);
    expect(stderr.replace(/\s+/g, " ")).toContain(
      "The secret key of notes is missing or isn't one. Write 8 to 40 ASCII characters",
    );
  });

  test("a channel that isn't there is said so", async () => {
    const { code, stderr } = await terraform("plan", "-var=healthchecks_channel_name=none");
    expect(code).toBe(1);
    expect(stderr.replace(/\s+/g, " ")).toContain(
      "The project has no integration of this kind and name.",
    );
  });

  test("destroy refuses, and takes nothing", async () => {
    const { code, stderr } = await terraform("destroy", "-auto-approve");
    expect(code).toBe(1);
    expect(stderr).toContain("minio_s3_bucket.backups has lifecycle.prevent_destroy");
    expect((await terraform("plan", "-detailed-exitcode")).code).toBe(0);
  });
});

withServices("a disposable bucket", () => {
  const deployment = new Deployment("disposable-bucket");
  let minio: Minio;

  beforeAll(async () => {
    minio = await startMinio();
    await deployment.applyStack((app, id) => {
      const stack = new LocalStateStack(app, id);
      const { accessKeyId: user, secretAccessKey: password } = minio.root;
      new MinioProvider(stack, "minio", { server: minio.address, ssl: false, user, password });
      new BackupBucket(stack, "disposable", { disposable: true });
    });
  });

  afterAll(async () => {
    await deployment.clean();
    await minio.stop();
  });

  test("isn't destroyed while something is in it, and is when it is empty", async () => {
    const client = new S3Client(`http://${minio.address}`, minio.root);
    await client.done("PUT", "disposable/backup", { body: "rows" });
    const destroy = () =>
      tryRun("terraform", ["destroy", "-auto-approve", "-no-color"], { cwd: deployment.directory });
    const refused = await destroy();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('bucket "disposable" is not empty');
    await client.done("DELETE", "disposable/backup");
    expect((await destroy()).code).toBe(0);
    expect((await client.request("HEAD", "disposable")).status).toBe(404);
  });
});

const { adminHere } = S3;
const withAdmin = adminHere === undefined ? describe.skip : describe;

/** The same document as a bucket's policy, which needs no MinIO: it names the user in each statement. */
withAdmin(
  adminHere === undefined
    ? "the policy of two folders (skipped: E2E_S3_ADMIN_ENDPOINT_HERE names no versitygw)"
    : "the policy of two folders",
  () => {
    const bucket = `policies-${process.pid}`;
    const root = new S3Client(S3.endpointHere, S3, S3.region);
    const admin = new S3Client(adminHere ?? "", S3, S3.region);
    const users = { notes: keysOf(`${bucket}-notes`), wiki: keysOf(`${bucket}-wiki`) };

    beforeAll(async () => {
      await root.done("PUT", bucket);
      const statements = Object.entries(users).map(([name, { accessKeyId }]) =>
        folderPolicy({ bucket, path: `home/${name}`, mayDelete: name === "notes" }).Statement.map(
          (statement) => ({
            ...statement,
            Sid: `${statement.Sid}-${name}`,
            Principal: { AWS: [accessKeyId] },
          }),
        ),
      );
      for (const { accessKeyId, secretAccessKey } of Object.values(users))
        await admin.done("PATCH", "create-user", {
          body: `<Account><Access>${accessKeyId}</Access><Secret>${secretAccessKey}</Secret><Role>user</Role></Account>`,
        });
      const policy = { Version: "2012-10-17", Statement: statements.flat() };
      await root.done("PUT", bucket, { query: { policy: "" }, body: JSON.stringify(policy) });
    });

    afterAll(async () => {
      for (const key of await root.list(bucket, ""))
        await root.request("DELETE", `${bucket}/${key}`);
      await root.request("DELETE", bucket);
      for (const { accessKeyId } of Object.values(users))
        await admin.request("PATCH", "delete-user", { query: { access: accessKeyId } });
    });

    folderAccessTests((): TwoFolders => ({
      bucket,
      root,
      notes: new S3Client(S3.endpointHere, users.notes, S3.region),
      wiki: new S3Client(S3.endpointHere, users.wiki, S3.region),
    }));
  },
);
