import type { Construct } from "constructs";
import {
  BackupVerification,
  Namespace,
  RqliteCluster,
  Secret,
  SqliteStack,
  Storage,
  variable,
  WriteOnlySecret,
} from "../src";

/**
 * Three nodes of rqlite, which go on while one is lost: users, certificates for clients and for nodes, a backup to S3 every
 * hour, with which a new cluster begins, and a proof of it every week. docs/rqlite.md leads through it.
 */
export class Rqlite extends SqliteStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    const setting = (name: string, description: string) =>
      variable(this, name, { type: "string", description }).stringValue;
    const secret = (name: string, description: string) =>
      variable(this, name, { type: "string", description, sensitive: true, ephemeral: true })
        .stringValue;
    const revision = variable(this, "secret_revision", {
      type: "number",
      default: 1,
      description: "Another number at each change of a secret: it has them written, and rolls pods",
    }).numberValue;

    const namespace = new Namespace(this, "rqlite");

    const passwords = new WriteOnlySecret(this, "rqlite-users", {
      namespace,
      revision,
      data: {
        nodes: secret("nodes_password", "Password by which nodes join each other"),
        verification: secret("verification_password", "Password of the proof of the backup"),
        app: secret("app_password", "Password of the user app, who reads and writes"),
      },
    });
    const password = (key: string) => ({ secret: passwords, key });

    const credentials = new WriteOnlySecret(this, "rqlite-s3", {
      namespace,
      revision,
      data: {
        AWS_ACCESS_KEY_ID: secret("s3_access_key_id", "Access key id for the bucket"),
        AWS_SECRET_ACCESS_KEY: secret("s3_secret_access_key", "Secret access key for the bucket"),
      },
    });

    const cluster = new RqliteCluster(this, "cluster", {
      name: "rqlite",
      namespace,
      voters: 3,
      storage: Storage.claim({ size: "10Gi" }),
      clients: [{ pods: { "app.kubernetes.io/name": "app" } }],
      users: {
        nodes: password("nodes_password"),
        verification: password("verification_password"),
        clients: [
          {
            name: "app",
            password: password("app_password"),
            permissions: ["query", "execute"],
          },
        ],
      },
      // Made by cert-manager; docs/rqlite.md shows how.
      tls: {
        http: { secret: Secret.existing("rqlite-http") },
        nodes: { secret: Secret.existing("rqlite-nodes") },
      },
      backup: {
        endpoint: setting("s3_endpoint", "URL of the S3 service"),
        region: setting("s3_region", "Region of the bucket; us-east-1 for most services but AWS"),
        bucket: setting("s3_bucket", "Name of the bucket"),
        path: "rqlite/db.sqlite.gz",
        interval: "1h",
        credentials,
      },
      restore: { whenNoBackup: "start-empty" },
      settings: { foreignKeys: true },
    });

    new BackupVerification(this, "verify", { of: cluster });
  }
}
