import { type Construct } from "constructs";
import {
  BackupVerification,
  LitefsCluster,
  Namespace,
  Probe,
  Replica,
  Secret,
  SqliteStack,
  Storage,
  variable,
} from "../src";

/**
 * Isso, a comment server, on three pods: comments are read from any of them, and written on one. Its database is all that is
 * in its folder, which LiteFS asks for. The backup goes to an S3 bucket.
 *
 * @see docs/litefs.md
 */
export class Litefs extends SqliteStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    const setting = (name: string, description: string, value?: string) =>
      variable(this, name, { type: "string", description, default: value }).stringValue;
    const website = setting("website", "URL of the website whose pages are commented on");

    // LiteFS mounts a file system, which takes a privileged container.
    const namespace = new Namespace(this, "comments", { podSecurity: "privileged" });

    const comments = new LitefsCluster(this, "isso", {
      name: "isso",
      namespace,
      image: "ghcr.io/isso-comments/isso:0.14.0",
      port: 8080,
      probes: { readiness: Probe.httpGet("/info"), liveness: Probe.httpGet("/info") },
      resources: {
        requests: { cpu: "50m", memory: "128Mi" },
        limits: { cpu: "1", memory: "512Mi" },
      },
      databases: ["/db/isso/comments.db"],
      storage: Storage.claim({ size: "2Gi" }),
      configFiles: [
        {
          mountPath: "/config",
          files: {
            "isso.cfg": `[general]
dbpath = /db/isso/comments.db
host = ${website}
[server]
listen = http://0.0.0.0:8080/
`,
          },
        },
      ],
      replica: Replica.s3({
        endpoint: setting("s3_endpoint", "URL of the S3 server, as the pods reach it"),
        region: setting("s3_region", "Region of the bucket", "us-east-1"),
        bucket: setting("s3_bucket", "Name of the bucket"),
        path: "comments",
        credentials: Secret.existing("s3"),
      }),
      // These answer a GET by writing: links in mails that approve or delete a comment, or end a subscription.
      router: { primaryPaths: ["/id", "/login"] },
    });

    new BackupVerification(this, "verify", { of: comments });
  }
}
