/** A program with this project: quickstart's app and its verification, many times. Argument: number of apps. */
import { App } from "cdktf";
import {
  BackupVerification,
  LitestreamApp,
  Namespace,
  Probe,
  Replica,
  SqliteStack,
  Storage,
} from "../src";

const app = new App({ outdir: process.env.CDKTF_OUTDIR });
const stack = new SqliteStack(app, "bench");
const namespace = new Namespace(stack, "bench");
for (let index = 0; index < Number(process.argv[2]); index++) {
  const of = new LitestreamApp(stack, `app-${index}`, {
    name: `app-${index}`,
    namespace,
    image: "ghcr.io/muchobien/pocketbase:0.36.8",
    port: 8090,
    probes: { readiness: Probe.httpGet("/api/health"), liveness: Probe.httpGet("/api/health") },
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi" } },
    databases: ["/pb_data/data.db", "/pb_data/auxiliary.db"],
    storage: Storage.claim({ size: "1Gi" }),
    replica: Replica.file({ claim: { size: "5Gi" } }),
  });
  new BackupVerification(stack, `app-${index}-verify`, { of });
}
app.synth();
