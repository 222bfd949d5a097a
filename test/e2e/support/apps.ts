import type { TerraformStack } from "cdktf";
import {
  LitestreamApp,
  type LitestreamAppProps,
  Namespace,
  Probe,
  Replica,
  Secret,
  Storage,
} from "../../../src";
import { run } from "./run";

/** The lab's S3 server: addresses for pods and for this machine, that of its admin API, and the keys of its first account. */
export const S3 = {
  endpoint: process.env.E2E_S3_ENDPOINT ?? "http://s3.lab:7070",
  endpointHere:
    process.env.E2E_S3_ENDPOINT_HERE ?? process.env.E2E_S3_ENDPOINT ?? "http://10.244.0.1:7070",
  /** Of versitygw; undefined where the server is another one. */
  adminHere:
    process.env.E2E_S3_ADMIN_ENDPOINT_HERE ??
    (process.env.E2E_S3_ENDPOINT === undefined ? "http://10.244.0.1:7071" : undefined),
  region: process.env.E2E_S3_REGION ?? "us-east-1",
  accessKeyId: process.env.E2E_S3_ACCESS_KEY_ID ?? "lab",
  secretAccessKey: process.env.E2E_S3_SECRET_ACCESS_KEY ?? "lab-secret",
  bucket: process.env.E2E_S3_BUCKET ?? "e2e",
};

/** A PocketBase; `props` differ from test to test. */
export function pocketbase(
  stack: TerraformStack,
  namespace: Namespace,
  props: Partial<LitestreamAppProps> = {},
) {
  return new LitestreamApp(stack, "pocketbase", {
    name: "pocketbase",
    namespace,
    image: "ghcr.io/muchobien/pocketbase:0.36.8",
    port: 8090,
    probes: { readiness: Probe.httpGet("/api/health", { periodSeconds: 1 }) },
    databases: ["/pb_data/data.db", "/pb_data/auxiliary.db"],
    storage: Storage.claim({ size: "1Gi" }),
    replica: Replica.file({ claim: { size: "1Gi" } }),
    disposable: true,
    ...props,
  });
}

/** Ephemeral storage with an S3 replica, the keys in a Secret "s3". */
export function onS3(path: string, endpoint = S3.endpoint): Partial<LitestreamAppProps> {
  return {
    storage: Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" }),
    replica: Replica.s3({
      endpoint,
      region: S3.region,
      bucket: S3.bucket,
      path,
      credentials: Secret.existing("s3"),
    }),
    whenNoBackup: "start-empty",
  };
}

export async function makeS3Secret(
  namespace: string,
  secretAccessKey = S3.secretAccessKey,
): Promise<void> {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s3", namespace },
    stringData: {
      LITESTREAM_ACCESS_KEY_ID: S3.accessKeyId,
      LITESTREAM_SECRET_ACCESS_KEY: secretAccessKey,
    },
  };
  await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(secret) });
}
