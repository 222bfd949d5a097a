import { Replica, Secret, variable } from "../../src";
import { replicaLister } from "../../src/litestream/replica";
import type { Lister } from "../../src/litestream/replica/type";
import { newApp, ownStack } from "../support/synth";
import { HOST_KEY, REPLICA_NAMES, type ReplicaName, REPLICAS } from "../support/replicas";

const PLACE = { secrets: "/secrets", texts: "/texts" };
const secret = Secret.existing("keys");

/** The settings of the remote, its names without what all have in front. */
const settings = ({ environment }: Lister) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name.replace("RCLONE_CONFIG_REPLICA_", ""),
      typeof value === "string" ? value : `key ${value.key}`,
    ]),
  );

const S3 = { TYPE: "s3", PROVIDER: "AWS", REGION: "eu-central-1", FORCE_PATH_STYLE: "false" };
const S3_KEYS = {
  ACCESS_KEY_ID: "key LITESTREAM_ACCESS_KEY_ID",
  SECRET_ACCESS_KEY: "key LITESTREAM_SECRET_ACCESS_KEY",
};
const SFTP = {
  TYPE: "sftp",
  HOST: "backup.example.com",
  PORT: "2222",
  USER: "notes",
  SHELL_TYPE: "none",
};
const OBSCURED = ["RCLONE_CONFIG_REPLICA_PASS"];

const LISTERS: Partial<Record<ReplicaName, [object, Partial<Lister>]>> = {
  "s3, keys": [{ ...S3, ...S3_KEYS }, { path: "backups/notes" }],
  "s3, a role": [{ ...S3, ENV_AUTH: "true" }, { path: "backups/notes" }],
  "s3, SSE-C": [{ ...S3, ...S3_KEYS }, { path: "backups/notes" }],
  "s3, every setting": [
    {
      ...S3,
      ...S3_KEYS,
      PROVIDER: "Other",
      ENDPOINT: "https://minio.example.com:9000",
      RCLONE_NO_CHECK_CERTIFICATE: "true",
    },
    { path: "backups/notes" },
  ],
  "gs, a key": [
    { TYPE: "google cloud storage", SERVICE_ACCOUNT_FILE: "/secrets/google-key.json" },
    { path: "backups/notes" },
  ],
  "gs, GKE": [{ TYPE: "google cloud storage", ENV_AUTH: "true" }, { path: "backups/notes" }],
  "abs, an account key": [
    { TYPE: "azureblob", ACCOUNT: "notes", KEY: "key LITESTREAM_AZURE_ACCOUNT_KEY" },
    { path: "backups/notes" },
  ],
  "abs, a SAS token": [
    {
      TYPE: "azureblob",
      SAS_URL: "https://blob.example.com/notes/backups?$(LITESTREAM_AZURE_SAS_TOKEN)",
    },
    { path: "backups/notes" },
  ],
  "abs, AKS": [
    { TYPE: "azureblob", ACCOUNT: "notes", ENV_AUTH: "true" },
    { path: "backups/notes" },
  ],
  "oss, keys": [
    {
      TYPE: "s3",
      PROVIDER: "Alibaba",
      ACCESS_KEY_ID: "key OSS_ACCESS_KEY_ID",
      SECRET_ACCESS_KEY: "key OSS_ACCESS_KEY_SECRET",
      ENDPOINT: "https://oss-eu-central-1-internal.aliyuncs.com",
    },
    { path: "backups/notes" },
  ],
  "sftp, a private key": [
    { ...SFTP, KEY_FILE: "/secrets/ssh-private-key", KNOWN_HOSTS_FILE: "/texts/known_hosts" },
    {
      path: "backups/notes",
      files: { known_hosts: `[backup.example.com]:2222 ${HOST_KEY}\n` },
    },
  ],
  "sftp, a password": [
    { ...SFTP, PASS: "key password" },
    { path: "/srv/notes", obscured: OBSCURED },
  ],
  "webdav, a password": [
    {
      TYPE: "webdav",
      URL: "https://dav.example.com/files",
      VENDOR: "other",
      USER: "notes",
      PASS: "key password",
    },
    { path: "backups", obscured: OBSCURED },
  ],
};

test.each(REPLICA_NAMES)("%s", (name) => {
  const lister = replicaLister(REPLICAS[name], PLACE);
  const expected = LISTERS[name];
  if (!expected) return expect(lister).toBeUndefined();
  const { environment: _, root, ...others } = lister as Lister;
  const server = ["sftp", "webdav"].includes(REPLICAS[name].kind);
  expect(root).toBe(server ? "" : "backups");
  expect([settings(lister as Lister), others]).toEqual(expected);
});

describe("an SFTP server", () => {
  const sftp = (host: string) =>
    replicaLister(
      Replica.sftp({ host, user: "a", path: "x", credentials: secret, hostKey: HOST_KEY }),
      PLACE,
    );

  test.each([
    ["backup", "backup", "22", "backup"],
    ["backup:22", "backup", "22", "backup"],
    ["backup:23", "backup", "23", "[backup]:23"],
    ["fd00::1", "[fd00::1]", "22", "fd00::1"],
    ["[fd00::1]:23", "[fd00::1]", "23", "[fd00::1]:23"],
  ])("%s", (host, name, port, known) => {
    const lister = sftp(host) as Lister;
    expect(settings(lister)).toMatchObject({ HOST: name, PORT: port });
    expect(lister.files?.known_hosts).toBe(`${known} ${HOST_KEY}\n`);
  });

  test("known only at apply: rclone takes name and port apart", () => {
    expect(sftp(variable(ownStack(newApp()), "host", { type: "string" }).stringValue)).toBe(
      undefined,
    );
  });
});

test("OSS without an endpoint is at its region's", () => {
  const replica = { bucket: "backups", path: "x", region: "cn-beijing", credentials: secret };
  expect(settings(replicaLister(Replica.oss(replica), PLACE) as Lister).ENDPOINT).toBe(
    "https://oss-cn-beijing.aliyuncs.com",
  );
});
