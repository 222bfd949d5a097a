import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Manifest, manifests } from "../../src";
import { LitestreamNfs } from "../../stacks/litestream-nfs";
import { Cluster } from "./support/cluster";
import { Deployment, withTerraform } from "./support/deploy";
import { onNode } from "./support/node";
import { POD, PocketBase } from "./support/pocketbase";
import { eventually, run, tryRun } from "./support/run";

const VARIABLES = { nfs_server: "nas.example.com", nfs_path: "/export/backups" };
const NAMESPACE = "litestream-nfs";

describe("stack litestream-nfs", () => {
  const cluster = new Cluster(NAMESPACE);
  const deployment = new Deployment("litestream-nfs", VARIABLES);
  /** Stands for the share: an NFS volume can't be mounted on a node without an NFS client. */
  const share = mkdtempSync(join(tmpdir(), "cdktf-sqlite-share-"));

  /** The stack's objects with the share as a folder of the node. */
  const folderOfNode = (whenNoBackup: string) => {
    const variables = { kubeconfig: "", ...VARIABLES, when_no_backup: whenNoBackup };
    const objects: Manifest[] = manifests(deployment.synthesized(), variables);
    return objects.map((object: any) => {
      if (object.kind !== "PersistentVolume") return object;
      const { nfs: _, ...spec } = object.spec;
      return { ...object, spec: { ...spec, hostPath: { path: share, type: "Directory" } } };
    });
  };
  const applyOnNode = (whenNoBackup: string) => {
    const text = folderOfNode(whenNoBackup)
      .map((object) => stringify(object, { version: "1.1" }))
      .join("---\n");
    return run("kubectl", ["apply", "-f", "-"], { input: text });
  };

  beforeAll(async () => {
    chmodSync(share, 0o777);
    await deployment.applyStack((app, id) => new LitestreamNfs(app, id));
  });

  afterAll(async () => {
    await deployment.clean();
    await run("kubectl", ["delete", "pv", "litestream-nfs-backup", "--ignore-not-found"]);
    rmSync(share, { recursive: true, force: true });
  });

  test("the claim is bound to the share's volume, and to no storage class", async () => {
    await eventually("the claim bound", 30, async () => {
      const { status, spec } = await cluster.get<any>("pvc", "backup");
      return status.phase === "Bound" && spec.volumeName === "litestream-nfs-backup";
    });
    const volume = JSON.parse(
      await run("kubectl", ["get", "pv", "litestream-nfs-backup", "-o", "json"]),
    );
    expect(volume.spec).toMatchObject({
      nfs: { server: "nas.example.com", path: "/export/backups" },
      persistentVolumeReclaimPolicy: "Retain",
      accessModes: ["ReadWriteMany"],
    });
    expect(volume.spec.storageClassName ?? "").toBe("");
  });

  withTerraform("a second apply changes nothing", async () => {
    const { code } = await tryRun("terraform", ["plan", "-detailed-exitcode", "-input=false"], {
      cwd: deployment.directory,
      env: deployment.environment(),
    });
    expect(code).toBe(0);
  });

  describe("with a folder of the node in the share's place", () => {
    beforeAll(async () => {
      await run("kubectl", ["delete", "namespace", NAMESPACE, "--timeout=120s"]);
      await run("kubectl", ["delete", "pv", "litestream-nfs-backup", "--timeout=60s"]);
    }, 200_000);

    onNode("an empty share is refused, unless the first start is said", async () => {
      await applyOnNode("refuse");
      await eventually("refused", 90, async () => {
        const status = await cluster.status(POD, "litestream-restore-snapshot");
        return status?.lastState.terminated?.message?.includes("the replica holds no backup");
      });
      const uid = await cluster.uid(POD);
      await applyOnNode("start-empty");
      await cluster.ready(POD, { otherThan: uid });
    });

    onNode("what is written comes back from the share when the pod goes", async () => {
      const app = await PocketBase.open(cluster);
      await app.addEventually(7);
      app.close();
      const uid = await cluster.uid(POD);
      await applyOnNode("refuse");
      await cluster.ready(POD, { otherThan: uid });
      expect(await app.rows()).toContain(7);
      expect(readdirSync(join(share, "pocketbase"))).toEqual(
        expect.arrayContaining(["data.db", "auxiliary.db"]),
      );
    });

    onNode(
      "Litestream reads its file where LITESTREAM_CONFIG says, and serves metrics",
      async () => {
        const sidecar = (command: string) =>
          cluster.exec(POD, "litestream-sidecar", "sh", "-c", command);
        expect(await sidecar("echo $LITESTREAM_CONFIG && head -c 8 $LITESTREAM_CONFIG")).toMatch(
          /^\/etc\/litestream\.yaml\n/,
        );
        expect(await sidecar("litestream databases")).toContain("/pb_data/data.db");
        const path = `/api/v1/namespaces/${NAMESPACE}/services/pocketbase:metrics/proxy/metrics`;
        expect(await run("kubectl", ["get", "--raw", path])).toContain("litestream_txid");
      },
    );
  });
});
