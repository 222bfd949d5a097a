import type { Construct } from "constructs";
import {
  BackupVerification,
  LitestreamApp,
  Namespace,
  NfsShare,
  Probe,
  Replica,
  SqliteStack,
  Storage,
  variable,
  type WhenNoBackup,
} from "../src";

/**
 * PocketBase on the node's own disk, with its backup on an NFS share: the database is restored from there at
 * every start. The share must be writable for user 1000. A first start, with nothing on the share yet,
 * has to be said: `-var when_no_backup=start-empty`.
 */
export class LitestreamNfs extends SqliteStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    const server = variable(this, "nfs_server", {
      type: "string",
      description: "Name or address of the NFS server, as the nodes reach it",
    });
    const path = variable(this, "nfs_path", {
      type: "string",
      description: "Exported folder for the backup, writable for user 1000",
    });
    const whenNoBackup = variable(this, "when_no_backup", {
      type: "string",
      default: "refuse",
      description:
        'What to do when the share holds no backup: "start-empty" for the first start, then "refuse"',
    });

    const namespace = new Namespace(this, "litestream-nfs");

    const share = new NfsShare(this, "backup", {
      namespace,
      server: server.stringValue,
      path: path.stringValue,
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
      storage: Storage.ephemeral({ sizeLimit: "10Gi", expectedDatabaseSize: "3Gi" }),
      // Uploads aren't in a database: they need a volume that stays.
      volumes: [{ mountPath: "/pb_data/storage", storage: Storage.claim({ size: "10Gi" }) }],
      replica: Replica.file({ existingClaim: share.claimName, path: "pocketbase" }),
      whenNoBackup: whenNoBackup.stringValue as WhenNoBackup,
      litestreamConfigPath: "/etc/litestream.yaml",
    });

    new BackupVerification(this, "verify", { of: pocketbase });
  }
}
