import type { TerraformStack } from "cdktf";
import { type LitestreamAppProps, Namespace, Replica, Storage } from "../../src";
import { makeS3Secret, onS3, S3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually, run } from "./support/run";
import { acknowledged, lost, moreRows, rows, writer } from "./support/writer";

const PODS = ["claim-0", "ephemeral-0"];
const SIDECAR = "litestream-sidecar";

describe("from Litestream 0.3 to 0.5", () => {
  const cluster = new Cluster("e2e-version");
  const deployment = new Deployment("e2e-version");
  const folder = `version-${Date.now()}`;
  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  /** One app on a claim with a file replica, one on ephemeral storage with S3. */
  const apply = (props: Partial<LitestreamAppProps>) =>
    deployment.apply((stack) => {
      const made = namespace(stack);
      writer(stack, made, "claim", {
        ...props,
        storage: Storage.claim({ size: "100Mi" }),
        replica: Replica.file({ claim: { size: "100Mi" } }),
      });
      writer(stack, made, "ephemeral", { ...onS3(folder), ...props });
    });

  const V03 = { version: "0.3", whenVolumeIsOlder: "keep", restoreIntegrityCheck: "none" } as const;

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    await apply({ ...V03, whenNoBackup: "start-empty" });
    for (const pod of PODS) await cluster.ready(pod);
  });

  afterAll(() => deployment.clean());

  /** Applies, waits until both pods are other ones, and looks for lost rows. */
  async function replaced(props: Partial<LitestreamAppProps>): Promise<void> {
    const uids = await Promise.all(PODS.map((pod) => cluster.uid(pod)));
    await apply(props);
    for (const [index, pod] of PODS.entries()) {
      await cluster.ready(pod, { otherThan: uids[index] });
      expect(await lost(cluster, pod)).toBe(0);
    }
  }

  test("0.3 restores and replicates what is declared for it", async () => {
    for (const pod of PODS) await moreRows(cluster, pod, 20);
    await replaced({ ...V03, whenNoBackup: "refuse" });
    expect(await cluster.exec("claim-0", SIDECAR, "ls", "/replica/app.db")).toBe("generations\n");
  });

  test("0.5 goes on where 0.3 ended, and every restore meanwhile gives what was backed up before", async () => {
    const least = await Promise.all(
      PODS.map(async (pod) => (await acknowledged(cluster, pod)).length - 20),
    );
    await watch(cluster, folder, least);
    await replaced({ whenNoBackup: "refuse" });
    for (const pod of PODS) await moreRows(cluster, pod, 20);
    const seen = (await cluster.kubectl("logs", "watcher")).trim().split("\n");
    await cluster.kubectl("delete", "pod", "watcher", "--grace-period=0", "--force");
    expect(seen.filter((line) => !line.startsWith("restored"))).toEqual([]);
    for (const kind of ["claim", "ephemeral"])
      expect(seen.filter((line) => line.includes(kind)).length).toBeGreaterThan(10);
    const folders = await cluster.exec("claim-0", SIDECAR, "ls", "/replica/app.db");
    expect(folders).toBe("generations\nltx\n");
  });

  test("without 0.3's files, pod and volume lost, the rows come back from 0.5's", async () => {
    const shell = (script: string) => cluster.exec("claim-0", SIDECAR, "sh", "-c", script);
    await shell("rm -r /replica/app.db/generations");
    await shell("rm -r /data/.app.db-litestream/generations /data/.app.db-litestream/generation");
    await moreRows(cluster, "claim-0", 20);
    const before = (await acknowledged(cluster, "claim-0")).length;
    const uid = await cluster.uid("claim-0");
    await cluster.kubectl("delete", "pvc", "data-claim-0", "--wait=false");
    await cluster.kubectl("delete", "pod", "claim-0", "--wait=false");
    await cluster.ready("claim-0", { otherThan: uid, seconds: 180 });
    expect((await rows(cluster, "claim-0")).size).toBeGreaterThanOrEqual(before);
    expect(await lost(cluster, "claim-0")).toBe(0);
  });
});

/** A pod that restores both replicas again and again, and says when one gives fewer rows than `least`. */
async function watch(cluster: Cluster, folder: string, least: readonly number[]): Promise<void> {
  const script = `
look() { # KIND LEAST URL
  rm -f /tmp/r.db*
  litestream restore -integrity-check quick -o /tmp/r.db "$3" >/tmp/log 2>&1 || { echo "$1 failed: $(tail -n 1 /tmp/log)"; return; }
  count=$(sqlite3 /tmp/r.db 'SELECT count(*) FROM rows')
  if [ "$count" -ge "$2" ]; then echo "restored $1: $count"; else echo "$1 gave $count rows of $2"; fi
}
while :; do
  look claim ${least[0]} file:///replica/app.db
  look ephemeral ${least[1]} 's3://${S3.bucket}/${folder}/app.db?endpoint=${S3.endpoint}&region=${S3.region}'
done`;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "watcher", namespace: cluster.namespace },
    spec: {
      securityContext: {
        ...{ runAsUser: 1000, runAsNonRoot: true, fsGroup: 1000 },
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "watcher",
          image: "litestream/litestream:0.5.16",
          command: ["sh", "-c", script],
          envFrom: [{ secretRef: { name: "s3" } }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [{ name: "replica", mountPath: "/replica", readOnly: true }],
        },
      ],
      volumes: [{ name: "replica", persistentVolumeClaim: { claimName: "replica-claim-0" } }],
    },
  };
  await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(pod) });
  await eventually("the watcher's first restores", 60, async () =>
    (await cluster.kubectl("logs", "watcher")).includes("ephemeral"),
  );
}
