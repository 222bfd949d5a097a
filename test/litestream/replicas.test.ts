import { parse } from "yaml";
import { LitestreamApp, manifests, Replica, Secret, variable } from "../../src";
import { appProblems } from "../../src/litestream/app-problems";
import { failure, GOOD, newApp, objectsOf, ownStack, synthesized } from "../support/synth";
import { HOST_KEY, REPLICA_NAMES, type ReplicaName, REPLICAS } from "../support/replicas";

const SECRETS = "/run/secrets/litestream/replica";
const RESTORE_FROM = "/run/secrets/litestream/restore-from";

/** What Litestream's containers are given besides what every app's are. */
function given(objects: Record<string, any>, container = "litestream-sidecar") {
  const { initContainers, volumes } = objects.StatefulSet.spec.template.spec;
  const { env, volumeMounts } = initContainers.find(({ name }: any) => name === container);
  const environment = Object.fromEntries(
    env
      .map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom.secretKeyRef.key])
      .filter(([name]: [string]) => !["LITESTREAM_CONFIG", "LITESTREAM_DOLLAR"].includes(name)),
  );
  const files = volumeMounts.flatMap(({ name, mountPath }: any) =>
    (volumes.find((volume: any) => volume.name === name)?.projected?.sources ?? []).map(
      ({ secret, serviceAccountToken: token }: any): [string, string] =>
        token
          ? [`${mountPath}/${token.path}`, token.audience]
          : [`${mountPath}/${secret.items[0].path}`, secret.items[0].key],
    ),
  );
  return { environment, files: Object.fromEntries(files) as Record<string, string> };
}

const replicaOf = (objects: Record<string, any>, file = "litestream.yml") =>
  parse(objects.ConfigMap.data[file], { version: "1.1" }).dbs[0].replica;

interface Rendered {
  readonly replica: object;
  readonly environment?: object;
  readonly files?: object;
}

const S3 = { bucket: "backups", path: "notes/notes.db", region: "eu-central-1" };
const S3_KEYS = {
  LITESTREAM_ACCESS_KEY_ID: "LITESTREAM_ACCESS_KEY_ID",
  LITESTREAM_SECRET_ACCESS_KEY: "LITESTREAM_SECRET_ACCESS_KEY",
};
const ABS = { type: "abs", "account-name": "notes", bucket: "backups", path: "notes/notes.db" };
const SFTP = { type: "sftp", host: "backup.example.com:2222", user: "notes" };
const NATS = { type: "nats", url: "nats://nats.nats.svc:4222/notes-notes-db" };

const RENDERED: Record<ReplicaName, Rendered> = {
  "s3, keys": { replica: { type: "s3", ...S3 }, environment: S3_KEYS },
  "s3, a role": {
    replica: { type: "s3", ...S3 },
    environment: {
      AWS_REGION: "eu-central-1",
      AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/notes",
      AWS_WEB_IDENTITY_TOKEN_FILE: `${SECRETS}/token`,
    },
    files: { [`${SECRETS}/token`]: "sts.amazonaws.com" },
  },
  "s3, SSE-C": {
    replica: { type: "s3", ...S3, "sse-customer-key-path": `${SECRETS}/sse-customer-key` },
    environment: S3_KEYS,
    files: { [`${SECRETS}/sse-customer-key`]: "SSE_CUSTOMER_KEY" },
  },
  "s3, every setting": {
    replica: {
      type: "s3",
      ...S3,
      endpoint: "https://minio.example.com:9000",
      "force-path-style": false,
      "sign-payload": false,
      "require-content-md5": false,
      "skip-verify": true,
      "storage-class": "STANDARD_IA",
      "part-size": "10MiB",
      concurrency: 2,
      "sse-kms-key-id": "alias/notes",
      "sync-interval": "5s",
      "validation-interval": "1h",
      "max-sync-ltx-files": 0,
      "auto-recover": true,
    },
    environment: S3_KEYS,
  },
  "gs, a key": {
    replica: { type: "gs", bucket: "backups", path: "notes/notes.db" },
    environment: { GOOGLE_APPLICATION_CREDENTIALS: `${SECRETS}/google-key.json` },
    files: { [`${SECRETS}/google-key.json`]: "notes.json" },
  },
  "gs, GKE": { replica: { type: "gs", bucket: "backups", path: "notes/notes.db" } },
  "abs, an account key": {
    replica: ABS,
    environment: { LITESTREAM_AZURE_ACCOUNT_KEY: "LITESTREAM_AZURE_ACCOUNT_KEY" },
  },
  "abs, a SAS token": {
    replica: { ...ABS, endpoint: "https://blob.example.com/notes" },
    environment: { LITESTREAM_AZURE_SAS_TOKEN: "token" },
  },
  "abs, AKS": {
    replica: ABS,
    environment: {
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
      AZURE_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
      AZURE_FEDERATED_TOKEN_FILE: `${SECRETS}/token`,
      AZURE_TENANT_ID: "66666666-7777-8888-9999-000000000000",
    },
    files: { [`${SECRETS}/token`]: "api://AzureADTokenExchange" },
  },
  "oss, keys": {
    replica: {
      ...S3,
      type: "oss",
      endpoint: "https://oss-eu-central-1-internal.aliyuncs.com",
      "part-size": "10MiB",
      concurrency: 2,
    },
    environment: {
      OSS_ACCESS_KEY_ID: "OSS_ACCESS_KEY_ID",
      OSS_ACCESS_KEY_SECRET: "OSS_ACCESS_KEY_SECRET",
    },
  },
  "sftp, a private key": {
    replica: {
      ...SFTP,
      path: "backups/notes/notes.db",
      "host-key": HOST_KEY,
      "key-path": `${SECRETS}/ssh-private-key`,
    },
    files: { [`${SECRETS}/ssh-private-key`]: "ssh-privatekey" },
  },
  "sftp, a password": {
    replica: {
      ...SFTP,
      path: "/srv/notes/notes.db",
      "concurrent-writes": false,
      password: "${LITESTREAM_SFTP_PASSWORD}",
    },
    environment: { LITESTREAM_SFTP_PASSWORD: "password" },
  },
  "nats, creds": {
    replica: { ...NATS, creds: `${SECRETS}/nats.creds`, "root-cas": [`${SECRETS}/nats-ca.crt`] },
    files: { [`${SECRETS}/nats.creds`]: "nats.creds", [`${SECRETS}/nats-ca.crt`]: "ca.crt" },
  },
  "nats, a password": {
    replica: { ...NATS, username: "notes", password: "${LITESTREAM_NATS_PASSWORD}" },
    environment: { LITESTREAM_NATS_PASSWORD: "password" },
  },
  "nats, a token": {
    replica: {
      ...NATS,
      token: "${LITESTREAM_NATS_TOKEN}",
      tls: true,
      "max-reconnects": 5,
      "reconnect-wait": "1s",
      timeout: "3s",
    },
    environment: { LITESTREAM_NATS_TOKEN: "token" },
  },
  "nats, a certificate": {
    replica: {
      ...NATS,
      "client-cert": `${SECRETS}/nats.crt`,
      "client-key": `${SECRETS}/nats.key`,
    },
    files: { [`${SECRETS}/nats.crt`]: "tls.crt", [`${SECRETS}/nats.key`]: "tls.key" },
  },
  "webdav, a password": {
    replica: {
      type: "webdav",
      "webdav-url": "https://dav.example.com/files",
      "webdav-username": "notes",
      "webdav-password": "${LITESTREAM_WEBDAV_PASSWORD}",
      path: "backups/notes.db",
    },
    environment: {
      LITESTREAM_WEBDAV_PASSWORD: "password",
      TMPDIR: "/run/litestream/uploads",
    },
  },
  "file, a claim": { replica: { type: "file", path: "/replica/notes/notes.db" } },
};

describe.each(REPLICA_NAMES)("%s", (name) => {
  const { replica, environment = {}, files = {} } = RENDERED[name];

  test("the file, the environment and the mounted files", () => {
    const objects = objectsOf({ replica: REPLICAS[name] });
    expect(replicaOf(objects)).toEqual(replica);
    for (const container of ["litestream-restore-snapshot", "litestream-sidecar"])
      expect(given(objects, container)).toEqual({ environment, files });
  });

  test("the app's container has none of it", () => {
    const [app] = objectsOf({ replica: REPLICAS[name] }).StatefulSet.spec.template.spec.containers;
    expect(app.env ?? []).toEqual([]);
    expect(app.volumeMounts.map(({ name: volume }: any) => volume)).toEqual(["data"]);
  });

  test("restoreFrom is read with the same variables, once restore.sh has given them their names", () => {
    if (name === "file, a claim") return;
    const other = Replica.file({ claim: { size: "1Gi" } });
    const objects = objectsOf({ replica: other, restoreFrom: REPLICAS[name] });
    const { environment: found, files: mounted } = given(objects, "litestream-restore-snapshot");
    const there = (text: unknown) =>
      JSON.parse(JSON.stringify(text).replaceAll(SECRETS, RESTORE_FROM));
    const { TMPDIR: _, ...read } = environment as Record<string, string>;
    expect(found).toEqual(
      Object.fromEntries(
        Object.entries(there(read)).map(([key, value]) => [`RESTORE_FROM_${key}`, value]),
      ),
    );
    expect(mounted).toEqual(there(files));
    expect(replicaOf(objects, "restore-from.yml")).toEqual(there(replica));
    expect(given(objects)).toEqual({ environment: {}, files: {} });
  });
});

test("Litestream has a folder for uploads where it writes them to disk first, and only there", () => {
  const mounts = (replica: Replica) =>
    objectsOf({ replica }).StatefulSet.spec.template.spec.initContainers[1].volumeMounts;
  const folder = { name: "litestream-uploads", mountPath: "/run/litestream/uploads" };
  expect(mounts(REPLICAS["webdav, a password"])).toContainEqual(folder);
  expect(JSON.stringify(mounts(REPLICAS["sftp, a password"]))).not.toContain("uploads");
});

describe("two apps on one folder", () => {
  const secret = Secret.existing("keys");
  const SFTP = { user: "a", credentials: secret, hostKey: HOST_KEY };
  const DAV = { username: "a", credentials: secret };
  const NATS = { credentials: "none" } as const;
  const ABS = { bucket: "backups", path: "x", credentials: secret };

  test.each<[string, Replica, Replica]>([
    [
      "S3 by another spelling",
      Replica.s3({
        bucket: "backups",
        path: "x",
        endpoint: "https://S3.example.com:443/",
        credentials: secret,
      }),
      Replica.s3({
        bucket: "backups",
        path: "x",
        endpoint: "https://s3.example.com",
        credentials: secret,
      }),
    ],
    [
      "Google Cloud Storage",
      Replica.gs({ bucket: "backups", path: "x", credentials: secret }),
      Replica.gs({ bucket: "backups", path: "x", credentials: { secret, key: "a" } }),
    ],
    [
      "Azure by its address",
      Replica.abs({ ...ABS, accountName: "notes" }),
      Replica.abs({
        ...ABS,
        accountName: "notes",
        endpoint: "https://notes.blob.core.windows.net/",
      }),
    ],
    [
      "OSS, from inside",
      Replica.oss({ bucket: "backups", path: "x", region: "cn-beijing", credentials: secret }),
      Replica.oss({
        bucket: "backups",
        path: "x",
        region: "cn-beijing",
        endpoint: "https://oss-cn-beijing-internal.aliyuncs.com",
        credentials: secret,
      }),
    ],
    [
      "SFTP with the port written out",
      Replica.sftp({ ...SFTP, host: "Backup.example.com", path: "x" }),
      Replica.sftp({ ...SFTP, host: "backup.example.com:22", path: "x" }),
    ],
    [
      "SFTP by an IPv6 address",
      Replica.sftp({ ...SFTP, host: "fd00::1", path: "x" }),
      Replica.sftp({ ...SFTP, host: "[fd00::1]:22", path: "x" }),
    ],
    [
      "SFTP from the root on, by two users",
      Replica.sftp({ ...SFTP, host: "backup", path: "/x" }),
      Replica.sftp({ ...SFTP, user: "b", host: "backup", path: "/x" }),
    ],
    [
      "NATS",
      Replica.nats({ ...NATS, url: "nats://nats", bucket: "x" }),
      Replica.nats({ ...NATS, url: "nats://nats:4222", bucket: "x" }),
    ],
    [
      "WebDAV with the folder in the URL",
      Replica.webdav({ ...DAV, url: "https://dav.example.com/a/", path: "b/c" }),
      Replica.webdav({ ...DAV, url: "https://dav.example.com:443/a/b", path: "c" }),
    ],
  ])("%s", (_, one, other) => {
    const app = newApp();
    const stack = ownStack(app);
    new LitestreamApp(stack, "one", { ...GOOD, name: "one", replica: one });
    new LitestreamApp(stack, "other", { ...GOOD, name: "other", replica: other });
    expect(failure(app)).toContain(
      'databases[0]: "/data/notes.db" is the replica path of own/one (databases[0]) already.',
    );
  });

  test("SFTP from the folders of two users on is two folders", () => {
    const app = newApp();
    const stack = ownStack(app);
    for (const user of ["a", "b"])
      new LitestreamApp(stack, user, {
        ...GOOD,
        name: user,
        replica: Replica.sftp({ ...SFTP, user, host: "backup", path: "x" }),
      });
    expect(() => app.synth()).not.toThrow();
  });

  test("NATS: two databases whose buckets would have one name", () => {
    const app = newApp();
    new LitestreamApp(ownStack(app), "notes", {
      ...GOOD,
      databases: ["/data/a.db", "/data/a-db"],
      replica: Replica.nats({ ...NATS, url: "nats://nats", bucket: "x" }),
    });
    expect(failure(app)).toContain(
      'databases[1]: "/data/a-db" is the replica path of own/notes (databases[0]) already. Give one of the two another path in its replica, or its database another replicaPath.',
    );
  });
});

test("values known only at apply are left to Terraform", () => {
  const any = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;
  const secret = Secret.existing(any);
  const replicas = [
    Replica.gs({ bucket: any, path: any, credentials: { secret, key: any } }),
    Replica.abs({ accountName: any, bucket: any, path: any, endpoint: any, credentials: secret }),
    Replica.oss({ bucket: any, path: any, region: any, endpoint: any, credentials: secret }),
    Replica.sftp({ host: any, user: any, path: any, credentials: secret, hostKey: any }),
    Replica.nats({ url: any, bucket: any, credentials: { username: any, secret } }),
    Replica.webdav({ url: any, username: any, path: any, credentials: secret }),
  ];
  for (const replica of replicas) {
    const databases = [{ path: "/data/a.db", replicaPath: any }];
    expect(appProblems("notes", { ...GOOD, databases, replica })).toEqual([]);
  }
});

test("values known only at apply arrive", () => {
  const app = newApp();
  const stack = ownStack(app);
  const value = (name: string) => variable(stack, name, { type: "string" }).stringValue;
  new LitestreamApp(stack, "notes", {
    ...GOOD,
    databases: [{ path: "/data/a.db", replicaPath: value("folder") }],
    replica: Replica.nats({ url: value("url"), bucket: value("bucket"), credentials: "none" }),
  });
  const values = { url: "nats://nats", bucket: "b", folder: "f" };
  const objects = manifests(synthesized(app), values).map((one) => [one.kind, one]);
  expect(replicaOf(Object.fromEntries(objects))).toEqual({ type: "nats", url: "nats://nats/b-f" });
});

test.each<[ReplicaName, string]>([
  ["gs, a key", "Google Cloud Storage bucket backups, folder notes"],
  ["abs, AKS", "Azure Blob Storage account notes, container backups, folder notes"],
  ["oss, keys", "OSS bucket backups in eu-central-1, folder notes"],
  ["sftp, a password", "SFTP server backup.example.com:2222, folder /srv/notes"],
  ["nats, creds", "NATS server nats://nats.nats.svc:4222, buckets notes-…, one for each database"],
  ["webdav, a password", "WebDAV server https://dav.example.com/files, folder backups"],
])("the summary tells where it lies: %s", (name, text) => {
  const app = new LitestreamApp(ownStack(newApp()), "notes", {
    ...GOOD,
    replica: REPLICAS[name],
  });
  expect(new Map(app.summary()).get("backed up to")).toContain(text);
});
