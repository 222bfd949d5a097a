import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LitestreamGuide } from "../../stacks/litestream-guide";
import { Quickstart } from "../../stacks/quickstart";
import { Namespace, Storage } from "../../src";
import { pocketbase, S3 } from "./support/apps";
import { Cluster, type KubernetesObject } from "./support/cluster";
import { Deployment, withTerraform } from "./support/deploy";
import { eventually, run, tryRun } from "./support/run";

const SECRET = `secret-${Date.now()}-of-this-test`;

describe("stack litestream-guide, applied", () => {
  const cluster = new Cluster("litestream-guide");
  const deployment = new Deployment("litestream-guide", {
    s3_endpoint: S3.endpoint,
    s3_region: S3.region,
    s3_bucket: S3.bucket,
    s3_access_key_id: S3.accessKeyId,
    s3_secret_access_key: S3.secretAccessKey,
  });

  beforeAll(async () => {
    await deployment.applyStack((app, id) => new LitestreamGuide(app, id));
    await cluster.ready("pocketbase-0");
  });

  afterAll(() => deployment.clean());

  test("kubectl diff of the manifests is empty", async () => {
    const { code, stdout, stderr } = await tryRun("kubectl", ["diff", "-f", "-"], {
      input: deployment.manifests(),
    });
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: "" });
  });

  test("metrics listen", async () => {
    const path = "/api/v1/namespaces/litestream-guide/services/pocketbase:metrics/proxy/metrics";
    expect(await run("kubectl", ["get", "--raw", path])).toMatch(
      /litestream_txid\{db="\/pb_data\/data.db"\} [1-9]/,
    );
  });

  withTerraform("a second apply changes nothing", async () => {
    const { code } = await tryRun("terraform", ["plan", "-detailed-exitcode", "-input=false"], {
      cwd: deployment.directory,
      env: deployment.environment(),
    });
    expect(code).toBe(0);
  });

  withTerraform("state and plan file don't hold the keys", async () => {
    await deployment.applyStack((app, id) => new LitestreamGuide(app, id), {
      s3_secret_access_key: SECRET,
      s3_secret_revision: "2",
    });
    await deployment.terraform("plan", "-input=false", "-out=saved.tfplan");
    const plan = await deployment.terraform("show", "-json", "saved.tfplan");
    expect(plan).toContain("data_wo");
    expect(plan).not.toContain(SECRET);
    await run("unzip", ["-o", "-q", "saved.tfplan", "-d", "saved"], { cwd: deployment.directory });
    const saved = join(deployment.directory, "saved");
    const files = readdirSync(saved, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    files.push(deployment.statePath);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) expect(readFileSync(file, "latin1")).not.toContain(SECRET);
    const secret = await cluster.get<{ data: Record<string, string> }>("secret", "pocketbase-s3");
    expect(Buffer.from(secret.data.LITESTREAM_SECRET_ACCESS_KEY ?? "", "base64").toString()).toBe(
      SECRET,
    );
  });
});

describe("an app whose volume grows", () => {
  const cluster = new Cluster("e2e-grow");
  const deployment = new Deployment("e2e-grow");
  const storageClass = "e2e-grow";

  afterAll(async () => {
    await deployment.clean();
    await tryRun("kubectl", ["delete", "storageclass", storageClass]);
  });

  const declare = (size: string) =>
    deployment.apply((stack) => {
      const namespace = new Namespace(stack, cluster.namespace, { disposable: true });
      pocketbase(stack, namespace, { storage: Storage.claim({ size, storageClass }) });
    });

  withTerraform("as described: the pod runs on, and nothing is left to change", async () => {
    const standard = JSON.parse(
      await run("kubectl", ["get", "storageclass", "standard", "-o", "json"]),
    );
    const { apiVersion, kind, provisioner, volumeBindingMode, reclaimPolicy } = standard;
    const growing = { apiVersion, kind, provisioner, volumeBindingMode, reclaimPolicy };
    const metadata = { name: storageClass };
    const input = JSON.stringify({ ...growing, metadata, allowVolumeExpansion: true });
    await run("kubectl", ["apply", "-f", "-"], { input });
    await declare("100Mi");
    const uid = await cluster.ready("pocketbase-0");

    const patch = '{"spec":{"resources":{"requests":{"storage":"200Mi"}}}}';
    await cluster.kubectl("patch", "pvc", "data-pocketbase-0", "--type", "merge", "-p", patch);
    await cluster.kubectl("delete", "statefulset", "pocketbase", "--cascade=orphan");
    await declare("200Mi");
    const { code } = await tryRun("terraform", ["plan", "-detailed-exitcode", "-input=false"], {
      cwd: deployment.directory,
      env: deployment.environment(),
    });
    expect(code).toBe(0);
    const [owner] = (await cluster.get<Owned>("pod", "pocketbase-0")).metadata.ownerReferences;
    const { metadata: made } = await cluster.get("statefulset", "pocketbase");
    expect([await cluster.uid("pocketbase-0"), owner?.uid]).toEqual([uid, made.uid]);
  });
});

interface Owned extends KubernetesObject {
  readonly metadata: KubernetesObject["metadata"] & {
    readonly ownerReferences: readonly { readonly uid: string }[];
  };
}

describe("stack quickstart, destroyed", () => {
  const cluster = new Cluster("quickstart");
  const deployment = new Deployment("quickstart");
  afterAll(() => deployment.clean());

  withTerraform("destroy refuses, says why, and takes nothing", async () => {
    await deployment.applyStack((app, id) => new Quickstart(app, id));
    await cluster.ready("pocketbase-0");
    const { code, stderr } = await tryRun("terraform", ["destroy", "-auto-approve", "-no-color"], {
      cwd: deployment.directory,
      env: deployment.environment(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("kubernetes_namespace_v1.quickstart has lifecycle.prevent_destroy");
    await cluster.ready("pocketbase-0");
  });

  withTerraform("taking the app out of the declaration keeps its claims", async () => {
    await deployment.terraform(
      "destroy",
      "-auto-approve",
      "-target=kubernetes_stateful_set_v1.quickstart_pocketbase",
    );
    const claims = await cluster.kubectl("get", "pvc", "-o", "name");
    expect(claims.trim().split("\n")).toEqual([
      "persistentvolumeclaim/data-pocketbase-0",
      "persistentvolumeclaim/replica-pocketbase-0",
    ]);
  });
});

describe("a disposable stack, destroyed", () => {
  const cluster = new Cluster("e2e-disposable");
  const deployment = new Deployment("e2e-disposable");
  afterAll(() => deployment.clean());

  withTerraform("destroy leaves nothing", async () => {
    await deployment.apply((stack) => {
      pocketbase(
        stack,
        new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
      );
    });
    await cluster.ready("pocketbase-0");
    await deployment.terraform("destroy", "-auto-approve");
    const { stdout } = await tryRun("kubectl", [
      "get",
      "namespace",
      cluster.namespace,
      "--ignore-not-found",
      "-o",
      "name",
    ]);
    expect(stdout).toBe("");
    // The provisioner deletes a volume when its claim is gone.
    await eventually("no volume is left", 60, async () => {
      const query = "jsonpath={.items[*].spec.claimRef.namespace}";
      const volumes = await run("kubectl", ["get", "pv", "-o", query]);
      return !volumes.split(" ").includes(cluster.namespace);
    });
  });
});
