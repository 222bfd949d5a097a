import { Replica, Secret, WorkloadIdentity } from "../../src";

/** A server's public keys. */
export const HOST_KEY =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMzU0pruPufH0bDVrCV5IWjkItqRpbX/UhRuuTDbdP3NkLjzXFmATtiQQ1VYWJsoLYdXEcUt9t/y4VQwzBOcN8s=";
export const OTHER_HOST_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCK4cK2hrZMHbY2j9rgKfLre0ToWEWi3gwIbp02knds";

const azure = WorkloadIdentity.azure({
  clientId: "11111111-2222-3333-4444-555555555555",
  tenantId: "66666666-7777-8888-9999-000000000000",
});
const aws = WorkloadIdentity.aws({ roleArn: "arn:aws:iam::111122223333:role/notes" });

const secret = Secret.existing("keys");
const S3 = { bucket: "backups", path: "notes", region: "eu-central-1" };
const GS = { bucket: "backups", path: "notes" };
const ABS = { accountName: "notes", bucket: "backups", path: "notes" };
const OSS = { bucket: "backups", path: "notes", region: "eu-central-1" };
const SFTP = { host: "backup.example.com:2222", user: "notes", path: "backups/notes" };
const NATS = { url: "nats://nats.nats.svc:4222", bucket: "notes" };
const DAV = { url: "https://dav.example.com/files", username: "notes", path: "backups" };

/** Every type of replica, with every kind of credentials. */
export const REPLICAS = {
  "s3, keys": Replica.s3({ ...S3, credentials: secret }),
  "s3, a role": Replica.s3({ ...S3, credentials: aws }),
  "s3, SSE-C": Replica.s3({ ...S3, credentials: secret, sseCustomerKey: secret }),
  "s3, every setting": Replica.s3({
    ...S3,
    endpoint: "https://minio.example.com:9000",
    forcePathStyle: false,
    signPayload: false,
    requireContentMd5: false,
    skipVerify: true,
    storageClass: "STANDARD_IA",
    partSize: "10MiB",
    concurrency: 2,
    sseKmsKeyId: "alias/notes",
    syncInterval: "5s",
    validationInterval: "1h",
    maxSyncLtxFiles: 0,
    autoRecover: true,
    credentials: secret,
  }),
  "gs, a key": Replica.gs({ ...GS, credentials: { secret, key: "notes.json" } }),
  "gs, GKE": Replica.gs({ ...GS, credentials: WorkloadIdentity.gcp() }),
  "abs, an account key": Replica.abs({ ...ABS, credentials: secret }),
  "abs, a SAS token": Replica.abs({
    ...ABS,
    endpoint: "https://blob.example.com/notes",
    credentials: { secret, sasTokenKey: "token" },
  }),
  "abs, AKS": Replica.abs({ ...ABS, credentials: azure }),
  "oss, keys": Replica.oss({
    ...OSS,
    endpoint: "https://oss-eu-central-1-internal.aliyuncs.com",
    partSize: "10MiB",
    concurrency: 2,
    credentials: secret,
  }),
  "sftp, a private key": Replica.sftp({ ...SFTP, credentials: secret, hostKey: HOST_KEY }),
  "sftp, a password": Replica.sftp({
    ...SFTP,
    path: "/srv/notes",
    concurrentWrites: false,
    credentials: { secret, passwordKey: "password" },
    skipHostKeyCheck: true,
  }),
  "nats, creds": Replica.nats({ ...NATS, credentials: secret, rootCa: secret }),
  "nats, a password": Replica.nats({ ...NATS, credentials: { username: "notes", secret } }),
  "nats, a token": Replica.nats({
    ...NATS,
    tls: true,
    maxReconnects: 5,
    reconnectWait: "1s",
    timeout: "3s",
    credentials: { secret, tokenKey: "token" },
  }),
  "nats, a certificate": Replica.nats({
    ...NATS,
    credentials: "none",
    clientCertificate: secret,
  }),
  "webdav, a password": Replica.webdav({ ...DAV, credentials: secret }),
  "file, a claim": Replica.file({ claim: { size: "1Gi" }, path: "notes" }),
} satisfies Record<string, Replica>;

export type ReplicaName = keyof typeof REPLICAS;
export const REPLICA_NAMES = Object.keys(REPLICAS) as ReplicaName[];
