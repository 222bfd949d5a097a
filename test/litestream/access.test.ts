import { parse } from "yaml";
import { type LitestreamAppProps, Replica, Secret, WorkloadIdentity } from "../../src";
import { objectsOf, problemsOf } from "../support/synth";

const keys = Secret.existing("keys");
const S3 = { bucket: "backups", path: "notes", region: "eu-central-1" };
const ROLE = "arn:aws:iam::111122223333:role/notes";
const aws = WorkloadIdentity.aws({ roleArn: ROLE });

const pod = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;
const containers = (objects: Record<string, any>) => {
  const [restore, sidecar] = pod(objects).initContainers;
  return { restore, sidecar, app: pod(objects).containers[0] };
};
const environment = (container: any) =>
  Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }: any) => [
      name,
      value ?? valueFrom.secretKeyRef,
    ]),
  );
const config = (objects: Record<string, any>) =>
  parse(objects.ConfigMap.data["litestream.yml"], { version: "1.1" });

describe("a role of AWS instead of keys", () => {
  const objects = objectsOf({ replica: Replica.s3({ ...S3, credentials: aws }) });
  const { restore, sidecar, app } = containers(objects);

  test("the service account names it", () => {
    expect(objects.ServiceAccount.metadata.annotations).toEqual({
      "eks.amazonaws.com/role-arn": ROLE,
    });
    expect(pod(objects).automountServiceAccountToken).toBe(false);
  });

  test("EKS's webhook is told to leave the app out", () => {
    expect(objects.StatefulSet.spec.template.metadata.annotations).toMatchObject({
      "eks.amazonaws.com/skip-containers": "app",
    });
  });

  test("Litestream's containers have a token for AWS, the app has none", () => {
    const mount = {
      name: "replica-secrets",
      mountPath: "/run/secrets/litestream/replica",
      readOnly: true,
    };
    expect(pod(objects).volumes).toContainEqual({
      name: "replica-secrets",
      projected: {
        defaultMode: 0o440,
        sources: [{ serviceAccountToken: { audience: "sts.amazonaws.com", path: "token" } }],
      },
    });
    for (const container of [restore, sidecar]) {
      expect(container.volumeMounts).toContainEqual(mount);
      expect(environment(container)).toMatchObject({
        AWS_ROLE_ARN: ROLE,
        AWS_WEB_IDENTITY_TOKEN_FILE: "/run/secrets/litestream/replica/token",
        AWS_REGION: "eu-central-1",
      });
    }
    expect(app.volumeMounts.map(({ name }: any) => name)).toEqual(["data"]);
  });
});

test("a key for SSE-C is a file, read by the pod's group only", () => {
  const objects = objectsOf({
    replica: Replica.s3({
      ...S3,
      credentials: keys,
      sseCustomerKey: { secret: Secret.existing("encryption"), key: "key" },
    }),
  });
  expect(config(objects).dbs[0].replica["sse-customer-key-path"]).toBe(
    "/run/secrets/litestream/replica/sse-customer-key",
  );
  expect(pod(objects).volumes).toContainEqual({
    name: "replica-secrets",
    projected: {
      defaultMode: 0o440,
      sources: [
        {
          secret: {
            name: "encryption",
            items: [{ key: "key", path: "sse-customer-key" }],
            optional: false,
          },
        },
      ],
    },
  });
});

test("the heartbeat's URL comes from a Secret, into the environment", () => {
  const objects = objectsOf({
    litestream: { heartbeatUrl: { secret: Secret.existing("heartbeat"), key: "url" } },
  });
  expect(config(objects)["heartbeat-url"]).toBe("${LITESTREAM_HEARTBEAT_URL}");
  expect(environment(containers(objects).sidecar)).toMatchObject({
    LITESTREAM_HEARTBEAT_URL: { name: "heartbeat", key: "url" },
  });
});

test("a dollar in a value survives Litestream's expansion of the file", () => {
  const objects = objectsOf({
    replica: Replica.s3({ ...S3, path: "a$HOME/b", credentials: keys }),
  });
  expect(config(objects).dbs[0].replica.path).toBe("a${LITESTREAM_DOLLAR}HOME/b/notes.db");
  expect(environment(containers(objects).sidecar).LITESTREAM_DOLLAR).toBe("$");
});

test("restoreFrom has a way in of its own, and none of the replica's", () => {
  const objects = objectsOf({
    replica: Replica.s3({ ...S3, credentials: keys }),
    restoreFrom: Replica.s3({ ...S3, path: "old", credentials: aws }),
  });
  const { restore, sidecar } = containers(objects);
  expect(environment(restore)).toMatchObject({
    LITESTREAM_ACCESS_KEY_ID: { name: "keys", key: "LITESTREAM_ACCESS_KEY_ID" },
    RESTORE_FROM_LITESTREAM_ACCESS_KEY_ID: "",
    RESTORE_FROM_LITESTREAM_SECRET_ACCESS_KEY: "",
    RESTORE_FROM_AWS_ROLE_ARN: ROLE,
    RESTORE_FROM_AWS_WEB_IDENTITY_TOKEN_FILE: "/run/secrets/litestream/restore-from/token",
  });
  expect(JSON.stringify(sidecar)).not.toMatch(/RESTORE_FROM|restore-from/);
});

test.each<[string, Partial<LitestreamAppProps>, string]>([
  [
    "a role that isn't one",
    {
      replica: Replica.s3({ ...S3, credentials: WorkloadIdentity.aws({ roleArn: "admin" }) }),
    },
    'replica.credentials.roleArn: "admin" is not the ARN of a role. Write for example "arn:aws:iam::111122223333:role/notes-backup".',
  ],
  [
    "a role without a region",
    { replica: Replica.s3({ ...S3, region: undefined, credentials: aws }) },
    'replica.region: is missing; AWS gives out keys for a role in a region. Write the bucket\'s, for example "eu-central-1".',
  ],
  [
    "another cloud's identity",
    { replica: Replica.s3({ ...S3, credentials: WorkloadIdentity.gcp() }) },
    'replica.credentials: "gcp" is an identity that S3 doesn\'t know. Write WorkloadIdentity.aws({ roleArn: "…" }), or a Secret with keys.',
  ],
  [
    "two keys to encrypt with",
    {
      replica: Replica.s3({ ...S3, credentials: keys, sseCustomerKey: keys, sseKmsKeyId: "k" }),
    },
    "replica.sseCustomerKey: stands beside sseKmsKeyId, and S3 encrypts with one of the two. Leave one of them out.",
  ],
  [
    "a key to encrypt with that is no Secret",
    {
      replica: Replica.s3({ ...S3, credentials: keys, sseCustomerKey: "c2VjcmV0" as never }),
    },
    'replica.sseCustomerKey: "c2VjcmV0" names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "a heartbeat's URL in the open",
    { litestream: { heartbeatUrl: "https://hc.example.com/uuid" as never } },
    'litestream.heartbeatUrl: is a secret, and would stand in the ConfigMap. Write { secret: Secret.existing("name"), key: "key" }.',
  ],
  [
    "a heartbeat's URL without a key",
    { litestream: { heartbeatUrl: { secret: keys } as never } },
    "litestream.heartbeatUrl.key: names no key. Name the Secret's key.",
  ],
])("%s", (_, props, message) => {
  expect(problemsOf(props)).toEqual([message]);
});
