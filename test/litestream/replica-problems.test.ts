import { Replica, Secret, WorkloadIdentity } from "../../src";
import { problemsOf } from "../support/synth";
import { HOST_KEY, OTHER_HOST_KEY } from "../support/replicas";

const secret = Secret.existing("keys");
const aws = WorkloadIdentity.aws({ roleArn: "arn:aws:iam::111122223333:role/notes" });
const azure = WorkloadIdentity.azure({ clientId: "notes", tenantId: "x" });

type Change = Record<string, unknown>;
const s3 = (change: Change) =>
  Replica.s3({ bucket: "backups", path: "x", credentials: secret, ...change });
const gs = (change: Change) =>
  Replica.gs({ bucket: "backups", path: "x", credentials: secret, ...change });
const abs = (change: Change) =>
  Replica.abs({
    accountName: "notes",
    bucket: "backups",
    path: "x",
    credentials: secret,
    ...change,
  });
const oss = (change: Change) =>
  Replica.oss({
    bucket: "backups",
    path: "x",
    region: "cn-beijing",
    credentials: secret,
    ...change,
  });
const sftp = (change: Change) =>
  Replica.sftp({
    host: "backup",
    user: "notes",
    path: "x",
    credentials: secret,
    hostKey: HOST_KEY,
    ...change,
  });
const nats = (change: Change) =>
  Replica.nats({ url: "nats://nats", bucket: "x", credentials: secret, ...change });
const webdav = (change: Change) =>
  Replica.webdav({
    url: "https://dav.example.com",
    username: "notes",
    path: "x",
    credentials: secret,
    ...change,
  });

const CASES: [string, Replica, string][] = [
  [
    "S3: the bucket in the endpoint's path",
    s3({ endpoint: "https://id.r2.cloudflarestorage.com/backups" }),
    'endpoint: "https://id.r2.cloudflarestorage.com/backups" has the bucket in it, which would then be looked for in itself. Write "https://id.r2.cloudflarestorage.com".',
  ],
  [
    "S3: the bucket in the endpoint's host",
    s3({ endpoint: "https://backups.fra1.digitaloceanspaces.com" }),
    'endpoint: "https://backups.fra1.digitaloceanspaces.com" has the bucket in it, which would then be looked for in itself. Write "https://fra1.digitaloceanspaces.com".',
  ],
  [
    "S3: a mistyped name of a key",
    s3({ credentials: { secret, accessKeyIDKey: "id" } }),
    "credentials.accessKeyIDKey: is unknown. Take one of secret, accessKeyIdKey, secretAccessKeyKey.",
  ],
  [
    "S3: an empty name of a key",
    s3({ credentials: { secret, accessKeyIdKey: "" } }),
    'credentials.accessKeyIdKey: "" names no key. Name the Secret\'s key, or leave it out.',
  ],
  [
    "S3: a password in the endpoint's query",
    s3({ endpoint: "https://minio.example.com?key=secret" }),
    'endpoint: "https://minio.example.com?key=secret" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "gs: a bucket that is none",
    gs({ bucket: "Backups" }),
    'bucket: "Backups" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "-", "_" and "." (222 with dots).',
  ],
  [
    "gs: a bucket with its folder",
    gs({ bucket: "gs://backups/notes" }),
    'bucket: "gs://backups/notes" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "-", "_" and "." (222 with dots). The folder belongs into path: did you mean bucket "backups"?',
  ],
  [
    "gs: a path that is none",
    gs({ path: "notes/" }),
    'path: "notes/" is not a folder: names joined by "/", with none at its ends. Write for example "notes".',
  ],
  [
    "gs: no credentials",
    gs({ credentials: undefined }),
    'credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "gs: a mistyped key",
    gs({ credentials: { secret, keys: "a" } }),
    "credentials.keys: is unknown. Take one of secret, key.",
  ],
  [
    "gs: another cloud's identity",
    gs({ credentials: aws }),
    "credentials: \"aws\" is an identity that Google Cloud Storage doesn't know. Write WorkloadIdentity.gcp(), or a Secret with a service account's key.",
  ],
  [
    "gs: a Google account that is none",
    gs({ credentials: WorkloadIdentity.gcp({ serviceAccount: "notes" }) }),
    'credentials.serviceAccount: "notes" is not a Google service account. Write for example "notes@project.iam.gserviceaccount.com".',
  ],
  [
    "gs: an unknown setting",
    gs({ region: "eu" }),
    'region: "eu" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
  [
    "abs: no account",
    abs({ accountName: undefined }),
    "accountName: is missing. Write its 3 to 24 lower-case letters and digits.",
  ],
  [
    "abs: an account that is an address",
    abs({ accountName: "notes.blob.core.windows.net" }),
    'accountName: "notes.blob.core.windows.net" is not the name of a storage account. Write its 3 to 24 lower-case letters and digits.',
  ],
  [
    "abs: a container that is none",
    abs({ bucket: "back--ups" }),
    'bucket: "back--ups" is not a bucket\'s name. Write the container: 3 to 63 lower-case letters, digits and single "-" between them.',
  ],
  [
    "abs: the container in the endpoint",
    abs({ endpoint: "https://notes.blob.core.windows.net/backups/" }),
    'endpoint: "https://notes.blob.core.windows.net/backups/" has the container in it, which would then be looked for in itself. Write "https://notes.blob.core.windows.net".',
  ],
  [
    "abs: a SAS token in the endpoint",
    abs({ endpoint: "https://notes.blob.core.windows.net?sv=1&sig=2" }),
    'endpoint: "https://notes.blob.core.windows.net?sv=1&sig=2" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "abs: no credentials",
    abs({ credentials: undefined }),
    'credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "abs: key and token",
    abs({ credentials: { secret, accountKeyKey: "a", sasTokenKey: "b" } }),
    "credentials: has accountKeyKey and sasTokenKey, of which one is used. Leave the others out.",
  ],
  [
    "abs: a mistyped key",
    abs({ credentials: { secret, sasToken: "b" } }),
    "credentials.sasToken: is unknown. Take one of secret, accountKeyKey, sasTokenKey.",
  ],
  [
    "abs: another cloud's identity",
    abs({ credentials: aws }),
    'credentials: "aws" is an identity that Azure Blob Storage doesn\'t know. Write WorkloadIdentity.azure({ clientId: "…", tenantId: "…" }), or a Secret with a key.',
  ],
  [
    "abs: an unknown setting",
    abs({ region: "eu" }),
    'region: "eu" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of endpoint, syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
  [
    "oss: a bucket that is none",
    oss({ bucket: "back.ups" }),
    'bucket: "back.ups" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits and "-".',
  ],
  [
    "oss: no region",
    oss({ region: undefined }),
    'region: is missing. Write the bucket\'s, for example "eu-central-1", without "oss-" in front.',
  ],
  [
    "oss: a region as the address has it",
    oss({ region: "oss-cn-beijing" }),
    'region: "oss-cn-beijing" is not a region. Write the bucket\'s, for example "eu-central-1", without "oss-" in front.',
  ],
  [
    "oss: an endpoint without a scheme",
    oss({ endpoint: "oss-cn-beijing.aliyuncs.com" }),
    'endpoint: "oss-cn-beijing.aliyuncs.com" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "oss: no credentials",
    oss({ credentials: undefined }),
    'credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "oss: a mistyped key",
    oss({ credentials: { secret, secretAccessKeyKey: "b" } }),
    "credentials.secretAccessKeyKey: is unknown. Take one of secret, accessKeyIdKey, accessKeySecretKey.",
  ],
  [
    "oss: an identity",
    oss({ credentials: aws }),
    'credentials: "aws" is an identity that OSS doesn\'t know. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "oss: an unknown setting",
    oss({ sseKmsKeyId: "eu" }),
    'sseKmsKeyId: "eu" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of endpoint, partSize, concurrency, syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
  [
    "sftp: no host",
    sftp({ host: undefined }),
    'host: is missing. Write for example "backup.example.com" or "backup.example.com:2222", without user and folder.',
  ],
  [
    "sftp: a host that is a URL",
    sftp({ host: "sftp://notes:secret@backup" }),
    'host: "sftp://notes:secret@backup" is not a host with or without a port. Write for example "backup.example.com" or "backup.example.com:2222", without user and folder.',
  ],
  ["sftp: no user", sftp({ user: "" }), 'user: "" is empty. Write the user\'s name.'],
  [
    "sftp: a path that is none",
    sftp({ path: "/backups/" }),
    'path: "/backups/" is not a folder: names joined by "/", with none at its end. Write for example "backups/notes", from the user\'s folder on, or "/srv/backups/notes".',
  ],
  [
    "sftp: the root",
    sftp({ path: "/" }),
    'path: "/" is not a folder: names joined by "/", with none at its end. Write for example "backups/notes", from the user\'s folder on, or "/srv/backups/notes".',
  ],
  [
    "sftp: no credentials",
    sftp({ credentials: undefined }),
    'credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "sftp: key and password",
    sftp({ credentials: { secret, passwordKey: "a", privateKeyKey: "b" } }),
    "credentials: has privateKeyKey and passwordKey, of which one is used. Leave the others out.",
  ],
  [
    "sftp: a mistyped key",
    sftp({ credentials: { secret, password: "a" } }),
    "credentials.password: is unknown. Take one of secret, privateKeyKey, passwordKey.",
  ],
  [
    "sftp: an identity",
    sftp({ credentials: aws }),
    'credentials: "aws" is an identity that SFTP doesn\'t know. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "sftp: no host key",
    sftp({ hostKey: undefined }),
    'hostKey: is missing; without it the backup goes to whoever answers. Write the server\'s public key, of a line of ssh-keyscan: "ecdsa-sha2-nistp256 AAAA…". Or say skipHostKeyCheck: true.',
  ],
  [
    "sftp: a host key, and no check of it",
    sftp({ skipHostKeyCheck: true }),
    "skipHostKeyCheck: stands beside hostKey, which is checked. Leave one of them out.",
  ],
  [
    "sftp: a word about the check that is no flag",
    sftp({ skipHostKeyCheck: "no" }),
    "skipHostKeyCheck: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "sftp: a line of known_hosts",
    sftp({ hostKey: `backup.example.com ${OTHER_HOST_KEY} a comment` }),
    'hostKey: "backup.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds a comment" begins with the host, as a line of known_hosts or of ssh-keyscan does. Write "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds".',
  ],
  [
    "sftp: a line of known_hosts with a port",
    sftp({ hostKey: `[backup.example.com]:2222,[fd00::1]:2222 ${OTHER_HOST_KEY}` }),
    'hostKey: "[backup.example.com]:2222,[fd00::1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds" begins with the host, as a line of known_hosts or of ssh-keyscan does. Write "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds".',
  ],
  [
    "sftp: a host key that is cut off",
    sftp({ hostKey: HOST_KEY.slice(0, -8) }),
    'hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMzU0pruPufH0bDVrCV5IWjkItqRpbX/UhRuuTDbdP3NkLjzXFmATtiQQ1VYWJsoLYdXEcUt9t/y4VQw" is cut off, or of another type than it says. Copy the whole line of ssh-keyscan from the key\'s type on.',
  ],
  [
    "sftp: a host key of another type",
    sftp({ hostKey: OTHER_HOST_KEY.replace("ssh-ed25519", "ssh-rsa") }),
    'hostKey: "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds" is cut off, or of another type than it says. Copy the whole line of ssh-keyscan from the key\'s type on.',
  ],
  [
    "sftp: a fingerprint",
    sftp({ hostKey: "SHA256:AAAA" }),
    'hostKey: "SHA256:AAAA" is not a server\'s public key. Write its type and the key, of a line of ssh-keyscan: "ecdsa-sha2-nistp256 AAAA…".',
  ],
  [
    "sftp: two host keys",
    sftp({ hostKey: `${HOST_KEY}\n${OTHER_HOST_KEY}` }),
    'hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMzU0pruPufH0bDVrCV5IWjkItqRpbX/UhRuuTDbdP3NkLjzXFmATtiQQ1VYWJsoLYdXEcUt9t/y4VQwzBOcN8s=\\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds" is not a server\'s public key. Write its type and the key, of a line of ssh-keyscan: "ecdsa-sha2-nistp256 AAAA…".',
  ],
  [
    "sftp: an unknown setting",
    sftp({ knownHosts: "x" }),
    'knownHosts: "x" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of concurrentWrites, syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
  [
    "nats: no URL",
    nats({ url: undefined }),
    'url: is missing. Write for example "nats://nats.nats.svc:4222", and the password into a Secret.',
  ],
  [
    "nats: a password in the URL",
    nats({ url: "nats://notes:secret@nats" }),
    'url: "nats://notes:secret@nats" is not the URL of one server, or has a user, a password or a folder in it. Write for example "nats://nats.nats.svc:4222", and the password into a Secret.',
  ],
  [
    "nats: a bucket in the URL",
    nats({ url: "nats://nats/notes" }),
    'url: "nats://nats/notes" is not the URL of one server, or has a user, a password or a folder in it. Write for example "nats://nats.nats.svc:4222", and the password into a Secret.',
  ],
  [
    "nats: several servers",
    nats({ url: "nats://a:4222,nats://b:4222" }),
    'url: "nats://a:4222,nats://b:4222" is not the URL of one server, or has a user, a password or a folder in it. Write for example "nats://nats.nats.svc:4222", and the password into a Secret.',
  ],
  [
    "nats: another scheme",
    nats({ url: "tls://nats" }),
    'url: "tls://nats" is not the URL of one server, or has a user, a password or a folder in it. Write for example "nats://nats.nats.svc:4222", and the password into a Secret.',
  ],
  [
    "nats: a bucket that is none",
    nats({ bucket: "notes.db" }),
    'bucket: "notes.db" is not a bucket\'s name. Write letters, digits, "_" and "-".',
  ],
  [
    "nats: a path",
    nats({ path: "notes" }),
    'path: "notes" isn\'t used on NATS, where each database has a bucket of its own. Leave it out, and give each app a bucket.',
  ],
  [
    "nats: no credentials",
    nats({ credentials: undefined }),
    'credentials: is missing. Write Secret.existing("name"), or "none" where the server asks for none.',
  ],
  [
    "nats: creds and a token",
    nats({ credentials: { secret, credsKey: "a", tokenKey: "b" } }),
    "credentials: has credsKey and tokenKey, of which one is used. Leave the others out.",
  ],
  [
    "nats: a user and a token",
    nats({ credentials: { username: "notes", secret, tokenKey: "b" } }),
    "credentials: has username and tokenKey, of which one is used. Leave the others out.",
  ],
  [
    "nats: a password without a user",
    nats({ credentials: { secret, passwordKey: "b" } }),
    "credentials.username: is missing. Write the user's name.",
  ],
  [
    "nats: an empty user",
    nats({ credentials: { username: "", secret } }),
    'credentials.username: "" is empty. Write the user\'s name.',
  ],
  [
    "nats: a user without a Secret",
    nats({ credentials: { username: "notes" } }),
    'credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "nats: a mistyped key",
    nats({ credentials: { secret, nkey: "b" } }),
    "credentials.nkey: is unknown. Take one of secret, credsKey, passwordKey, tokenKey.",
  ],
  [
    "nats: an identity",
    nats({ credentials: azure }),
    'credentials: "azure" is an identity that NATS doesn\'t know. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "nats: a certificate in the open",
    nats({ rootCa: "-----BEGIN CERTIFICATE-----" }),
    'rootCa: "-----BEGIN CERTIFICATE-----" names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "nats: a mistyped key of a certificate",
    nats({ clientCertificate: { secret, certKey: "a" } }),
    "clientCertificate.certKey: is unknown. Take one of secret, certificateKey, privateKeyKey.",
  ],
  [
    "nats: a duration that is none",
    nats({ timeout: "3" }),
    'timeout: "3" is not a duration. Write a number with ms, s, m or h, for example "30s" or "24h".',
  ],
  [
    "nats: an unknown setting",
    nats({ seed: "SU" }),
    'seed: "SU" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of tls, maxReconnects, reconnectWait, timeout, syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
  [
    "webdav: no URL",
    webdav({ url: undefined }),
    'url: is missing. Write for example "https://dav.example.com".',
  ],
  [
    "webdav: a password in the URL",
    webdav({ url: "https://notes:secret@dav.example.com" }),
    'url: "https://notes:secret@dav.example.com" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "webdav: another scheme",
    webdav({ url: "webdavs://dav.example.com" }),
    'url: "webdavs://dav.example.com" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "webdav: no user",
    webdav({ username: undefined }),
    "username: is missing. Write the account's name.",
  ],
  [
    "webdav: a path with a slash in front",
    webdav({ path: "/notes" }),
    'path: "/notes" is not a folder: names joined by "/", with none at its ends. Write for example "notes".',
  ],
  [
    "webdav: no credentials",
    webdav({ credentials: undefined }),
    'credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "webdav: an empty name of a key",
    webdav({ credentials: { secret, passwordKey: "" } }),
    'credentials.passwordKey: "" names no key. Name the Secret\'s key, or leave it out.',
  ],
  [
    "webdav: an identity",
    webdav({ credentials: aws }),
    'credentials: "aws" is an identity that WebDAV doesn\'t know. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "webdav: an unknown setting",
    webdav({ timeout: "3s" }),
    'timeout: "3s" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
];

test.each(CASES)("%s", (_, replica, message) => {
  expect(problemsOf({ replica })).toEqual([`replica.${message}`]);
});
