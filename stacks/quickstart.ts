import type { Construct } from "constructs";
import {
  BackupVerification,
  LitestreamApp,
  Namespace,
  Probe,
  Replica,
  SqliteStack,
  Storage,
} from "../src";

/**
 * PocketBase with its backup on a volume of its own: no account, no bucket, nothing outside the
 * cluster. The backup is as safe as that volume is.
 */
export class Quickstart extends SqliteStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    const namespace = new Namespace(this, "quickstart");

    const pocketbase = new LitestreamApp(this, "pocketbase", {
      name: "pocketbase",
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
      replica: Replica.file({ claim: { size: "5Gi" } }),
    });

    new BackupVerification(this, "verify", { of: pocketbase });
  }
}
