import type { TerraformStack } from "cdktf";
import { type LitestreamAppProps, Namespace, Replica, variable, WriteOnlySecret } from "../../src";
import { makeS3Secret, onS3, pocketbase, S3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment, type Variables } from "./support/deploy";
import { DATA, POD, PocketBase, Writer } from "./support/pocketbase";
import { eventually } from "./support/run";

const cluster = new Cluster("e2e-mending");
const deployment = new Deployment("e2e-mending");
const namespace = (stack: TerraformStack) =>
  new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

const folder = `mending-${Date.now()}`;

/** Applies the app with other props, and nothing else: no pod is deleted by hand. */
const apply = (props: Partial<LitestreamAppProps>, variables: Variables = {}) =>
  deployment.apply(
    (stack) => void pocketbase(stack, namespace(stack), { ...onS3(folder), ...props }),
    variables,
  );

/** What the restoring container said when it ended last. */
const refusal = (text: string) =>
  eventually(`the restore refusing: ${text}`, 90, async () => {
    const status = await cluster.status(POD, "litestream-restore-snapshot");
    return status?.lastState.terminated?.message?.includes(text);
  });

beforeAll(async () => {
  await deployment.apply((stack) => void namespace(stack));
  await makeS3Secret(cluster.namespace);
});

afterAll(() => deployment.clean());

describe("a start that fails is mended by apply alone", () => {
  test("an empty bucket with whenNoBackup refuse, then start-empty", async () => {
    await apply({ whenNoBackup: "refuse" });
    await refusal("the replica holds no backup");
    expect((await cluster.status(POD, "app"))?.ready).toBe(false);
    await apply({ whenNoBackup: "start-empty" });
    await cluster.ready(POD);
  });

  test("once there is a backup, refuse starts", async () => {
    const before = await cluster.uid(POD);
    await apply({ whenNoBackup: "refuse" });
    await cluster.ready(POD, { otherThan: before });
  });

  test("wrong keys, then right ones", async () => {
    await makeS3Secret(cluster.namespace, "wrong");
    const before = await cluster.uid(POD);
    await apply({ whenNoBackup: "refuse", env: { ATTEMPT: "1" } });
    await refusal("restore failed");
    await makeS3Secret(cluster.namespace);
    await cluster.ready(POD, { otherThan: before, seconds: 240 });
  });

  test("an image that doesn't exist, then one that does", async () => {
    const before = await cluster.uid(POD);
    await apply({ image: "ghcr.io/muchobien/pocketbase:0.0.0-nowhere" });
    await eventually("the image missing", 60, async () => {
      const reason = (await cluster.status(POD, "app"))?.state.waiting?.reason;
      return reason === "ErrImagePull" || reason === "ImagePullBackOff";
    });
    await apply({});
    await cluster.ready(POD, { otherThan: before });
  });

  test("some databases in the replica and others not is refused in both modes, unless declared optional", async () => {
    const before = await cluster.uid(POD);
    const databases = [...["/pb_data/data.db", "/pb_data/auxiliary.db"], "/pb_data/other.db"];
    await apply({ databases });
    await refusal("/pb_data/other.db");
    await refusal("neither on the volume nor in the replica");
    await apply({
      databases: [...databases.slice(0, 2), { path: "/pb_data/other.db", optional: true }],
    });
    await cluster.ready(POD, { otherThan: before });
  });

  test("restoreFrom brings a copy of another app's backup into a new folder", async () => {
    const app = await PocketBase.open(cluster);
    await app.addEventually(7);
    app.close();
    await cluster.restart(POD);
    const moved = onS3(`${folder}-moved`);
    await apply({ ...moved, whenNoBackup: "refuse", restoreFrom: onS3(folder).replica });
    await eventually("row 7 in the moved app", 120, async () =>
      (await cluster.sqlite(POD, DATA, "SELECT number FROM rows")).includes("7"),
    );
    await cluster.ready(POD);
    const uid = await cluster.uid(POD);
    await apply({ ...moved, whenNoBackup: "refuse" });
    await cluster.ready(POD, { otherThan: uid });
    expect(await cluster.sqlite(POD, DATA, "SELECT number FROM rows")).toContain("7");
  });
});

test("a replica that another app writes to is refused", async () => {
  const second = new Cluster("e2e-second-writer");
  const twin = new Deployment("e2e-second-writer");
  const made = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: second.namespace, disposable: true });
  await apply({});
  await cluster.ready(POD);
  const app = await PocketBase.open(cluster);
  const writer = new Writer(app, 1000);
  try {
    await twin.apply((stack) => void made(stack));
    await makeS3Secret(second.namespace);
    // In a tree of its own, where the first app's claim on the folder isn't seen.
    await twin.apply((stack) => void pocketbase(stack, made(stack), onS3(folder)));
    await eventually("the second writer refused", 180, async () => {
      const status = await second.status(POD, "litestream-restore-snapshot");
      return status?.lastState.terminated?.message?.includes(
        "another writer is using this replica",
      );
    });
    expect(writer.acknowledged.size).toBeGreaterThan(100);
  } finally {
    await writer.stop();
    app.close();
    await twin.clean();
  }
});

describe("keys that Terraform writes", () => {
  const rotating = new Cluster("e2e-rotation");
  const rotation = new Deployment("e2e-rotation", { s3_secret: S3.secretAccessKey });
  afterAll(() => rotation.clean());

  const declare = (stack: TerraformStack) => {
    const made = new Namespace(stack, "namespace", { name: rotating.namespace, disposable: true });
    const secret = variable(stack, "s3_secret", {
      type: "string",
      sensitive: true,
      ephemeral: true,
    });
    const revision = variable(stack, "s3_secret_revision", { type: "number", default: 1 });
    const keys = new WriteOnlySecret(stack, "keys", {
      namespace: made,
      data: {
        LITESTREAM_ACCESS_KEY_ID: S3.accessKeyId,
        LITESTREAM_SECRET_ACCESS_KEY: secret.stringValue,
      },
      revision: revision.numberValue,
    });
    pocketbase(stack, made, {
      ...onS3(`rotation-${folder}`),
      replica: Replica.s3({ ...S3Location, path: `rotation-${folder}`, credentials: keys }),
    });
  };
  const S3Location = { endpoint: S3.endpoint, region: S3.region, bucket: S3.bucket };

  test("another revision rolls the pod, which then has the new keys", async () => {
    await rotation.apply(declare, { s3_secret: "wrong" });
    await eventually("the wrong keys refused", 90, async () => {
      const status = await rotating.status(POD, "litestream-restore-snapshot");
      return status?.lastState.terminated?.message?.includes("restore failed");
    });
    const before = await rotating.uid(POD);
    await rotation.apply(declare, { s3_secret: S3.secretAccessKey, s3_secret_revision: "2" });
    await rotating.ready(POD, { otherThan: before });
    expect((await rotating.get("pod", POD)).metadata.annotations).toMatchObject({
      "cdktf-sqlite/secret-revision": "2",
    });
  });

  test("the Secret is named, never its values", async () => {
    const everything = await rotating.kubectl(
      "get",
      "configmaps,statefulsets,pods,services",
      "-o",
      "json",
    );
    expect(everything).toContain('"keys"');
    expect(everything).not.toContain(S3.secretAccessKey);
  });
});
