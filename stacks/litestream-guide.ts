import type { Construct } from "constructs";
import {
  BackupVerification,
  LitestreamApp,
  Namespace,
  Probe,
  Replica,
  SqliteStack,
  Storage,
  variable,
  WriteOnlySecret,
} from "../src";

/**
 * The setup of Litestream's Kubernetes guide: a StatefulSet with one pod, a claim, an S3 replica
 * with its keys in a Secret, and metrics. The keys are in neither state nor plan.
 *
 * @see https://litestream.io/guides/kubernetes/
 */
export class LitestreamGuide extends SqliteStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    const setting = (name: string, description: string) =>
      variable(this, name, { type: "string", description });
    const secret = (name: string, description: string) =>
      variable(this, name, { type: "string", description, sensitive: true, ephemeral: true });

    const endpoint = setting(
      "s3_endpoint",
      "URL of the S3 service, for example https://s3.eu-central-1.amazonaws.com",
    );
    const region = setting(
      "s3_region",
      "Region of the bucket; us-east-1 for most services other than AWS",
    );
    const bucket = setting("s3_bucket", "Name of the bucket");
    const accessKeyId = secret("s3_access_key_id", "Access key id for the bucket");
    const secretAccessKey = secret("s3_secret_access_key", "Secret access key for the bucket");
    const revision = variable(this, "s3_secret_revision", {
      type: "number",
      default: 1,
      description:
        "Another number at each change of the keys: it has them written, and rolls the pod",
    });

    const namespace = new Namespace(this, "litestream-guide");

    const credentials = new WriteOnlySecret(this, "pocketbase-s3", {
      namespace,
      data: {
        LITESTREAM_ACCESS_KEY_ID: accessKeyId.stringValue,
        LITESTREAM_SECRET_ACCESS_KEY: secretAccessKey.stringValue,
      },
      revision: revision.numberValue,
    });

    const pocketbase = new LitestreamApp(this, "pocketbase", {
      namespace,
      image: "ghcr.io/muchobien/pocketbase:0.36.8",
      port: 8090,
      probes: { readiness: Probe.httpGet("/api/health"), liveness: Probe.httpGet("/api/health") },
      resources: {
        requests: { cpu: "50m", memory: "64Mi" },
        limits: { cpu: "1", memory: "256Mi" },
      },
      databases: ["/pb_data/data.db", "/pb_data/auxiliary.db"],
      storage: Storage.claim({ size: "1Gi" }),
      replica: Replica.s3({
        endpoint: endpoint.stringValue,
        region: region.stringValue,
        bucket: bucket.stringValue,
        path: "pocketbase",
        credentials,
      }),
    });

    new BackupVerification(this, "verify", { of: pocketbase });
  }
}
