import { Fn } from "cdktf";
import type { Construct } from "constructs";
import { stringify } from "yaml";
import {
  Alert,
  type Assertion,
  BackupVerification,
  LitestreamApp,
  LogAlerts,
  Namespace,
  Probe,
  Replica,
  Report,
  SqliteStack,
  Storage,
  variable,
  type WhenNoBackup,
  WriteOnlySecret,
} from "../src";

/** An app of the home server, and the proof of its backup. */
export interface HomeApp {
  readonly app: LitestreamApp;
  readonly verification: BackupVerification;
}

/**
 * A home server: PocketBase, Memos and Gatus on the node's own disk, restored at every start from an S3 server such
 * as MinIO, where each has a user and a folder of its own. Each is reached under its name in `domain`, each backup is proven
 * on Saturday night, and trouble goes to Gotify and Slack.
 *
 * @see docs/home-server.md
 */
export class HomeServer extends SqliteStack {
  readonly apps: readonly HomeApp[];

  constructor(scope: Construct, id: string) {
    super(scope, id);

    const setting = (name: string, description: string, value?: string) =>
      variable(this, name, { type: "string", description, default: value }).stringValue;
    const secret = (name: string, description: string, type = "string") =>
      variable(this, name, { type, description, sensitive: true, ephemeral: true });
    const revision = (name: string, of: string) =>
      variable(this, name, {
        type: "number",
        default: 1,
        description: `Another number at each change of ${of}: it has them written, and rolls the pods`,
      }).numberValue;

    const endpoint = setting("s3_endpoint", "URL of the S3 server, as the pods reach it");
    const region = setting("s3_region", "Region of the bucket", "us-east-1");
    const bucket = setting("s3_bucket", "Name of the bucket");
    const accessKeyIds = variable(this, "s3_access_key_ids", {
      type: "map(string)",
      description: "Access key id (MinIO: user) of each app, by the app's name",
    });
    const secretKeys = secret("s3_secret_keys", "Secret key of each app", "map(string)");
    const keysRevision = revision("s3_secret_revision", "the secret keys");
    const pingUrls = secret("ping_urls", "Ping URL of each app's check", "map(string)");
    const reportsRevision = revision("reports_revision", "the ping URLs");
    const gotifyUrl = secret("gotify_url", "URL of the Gotify server").stringValue;
    const gotifyToken = secret("gotify_token", "Token of an application in Gotify").stringValue;
    const slackUrl = secret("slack_url", "URL of an incoming webhook of Slack").stringValue;
    const alertsRevision = revision("alerts_revision", "Gotify's or Slack's URL, or the token");
    const domain = setting("domain", "The apps are at <app>.<domain>");
    const clusterIssuer = setting("cluster_issuer", "ClusterIssuer of cert-manager for TLS");
    const whenNoBackup = setting(
      "when_no_backup",
      'What to do when the bucket holds no backup of an app: "start-empty" for its first start, then "refuse"',
      "refuse",
    ) as WhenNoBackup;

    const namespace = new Namespace(this, "home");

    /** What the apps have in common: a database that lies on the node, and its backup in the bucket. */
    const common = (name: string) => ({
      namespace,
      storage: Storage.ephemeral({ sizeLimit: "10Gi", expectedDatabaseSize: "3Gi" }),
      replica: Replica.s3({
        endpoint,
        region,
        bucket,
        // Another stack may keep an app of the same name in the same bucket.
        path: `home/${name}`,
        credentials: new WriteOnlySecret(this, `${name}-s3`, {
          namespace,
          data: {
            LITESTREAM_ACCESS_KEY_ID: of(accessKeyIds, name),
            LITESTREAM_SECRET_ACCESS_KEY: of(secretKeys, name),
          },
          revision: keysRevision,
        }),
      }),
      whenNoBackup,
      ingress: { host: `${name}.${domain}`, tls: { clusterIssuer } },
    });

    /** Has an app's backup proven once a week: what comes back must be what the assertion says. */
    const proven = (app: LitestreamApp, assertion: Assertion): HomeApp => {
      const reports = new WriteOnlySecret(this, `${app.name}-reports`, {
        namespace,
        data: { url: of(pingUrls, app.name) },
        revision: reportsRevision,
      });
      const verification = new BackupVerification(this, `${app.name}-verify`, {
        of: app,
        reports: [Report.healthchecks({ url: { secret: reports, key: "url" } })],
        assertions: [assertion],
      });
      return { app, verification };
    };

    const pocketbase = new LitestreamApp(this, "pocketbase", {
      ...common("pocketbase"),
      image: "ghcr.io/muchobien/pocketbase:0.36.8",
      port: 8090,
      probes: { readiness: Probe.httpGet("/api/health"), liveness: Probe.httpGet("/api/health") },
      resources: {
        requests: { cpu: "50m", memory: "64Mi" },
        limits: { cpu: "1", memory: "256Mi" },
      },
      databases: ["/pb_data/data.db", "/pb_data/auxiliary.db"],
      // Uploads aren't in a database: they need a volume that stays.
      volumes: [{ mountPath: "/pb_data/storage", storage: Storage.claim({ size: "10Gi" }) }],
      dashboard: { group: "Home", icon: "pocketbase.png", description: "A backend in one file" },
    });

    // Without MEMOS_INSTANCE_URL nobody reads anything in it without an account.
    const memos = new LitestreamApp(this, "memos", {
      ...common("memos"),
      image: "ghcr.io/usememos/memos:0.30.0",
      port: 5230,
      probes: { readiness: Probe.httpGet("/healthz"), liveness: Probe.httpGet("/healthz") },
      // It takes 370 MiB to receive an attachment of 30 MB, the most that is set below.
      resources: {
        requests: { cpu: "50m", memory: "64Mi" },
        limits: { cpu: "1", memory: "512Mi" },
      },
      databases: ["/var/opt/memos/memos_prod.db"],
      // Attachments go into the database, and so into the backup, instead of a folder beside it.
      configFiles: [
        {
          mountPath: "/etc/secrets",
          files: {
            "memos-instance-setting-storage.json": JSON.stringify({
              key: "STORAGE",
              storageSetting: { storageType: "DATABASE", uploadSizeLimitMb: 30 },
            }),
          },
        },
      ],
      dashboard: { group: "Home", icon: "memos.png", description: "Notes" },
    });

    const gotify = new WriteOnlySecret(this, "gatus-gotify", {
      namespace,
      data: { GOTIFY_URL: gotifyUrl, GOTIFY_TOKEN: gotifyToken },
      revision: alertsRevision,
    });

    const gatus = new LitestreamApp(this, "gatus", {
      ...common("gatus"),
      image: "ghcr.io/twin/gatus:v5.36.0",
      port: 8080,
      probes: { readiness: Probe.httpGet("/health"), liveness: Probe.httpGet("/health") },
      resources: {
        requests: { cpu: "20m", memory: "32Mi" },
        limits: { cpu: "1", memory: "128Mi" },
      },
      databases: ["/data/gatus.db"],
      configFiles: [
        {
          mountPath: "/config",
          files: {
            "config.yaml": stringify({
              storage: { type: "sqlite", path: `/data/gatus.db?${WAIT_FOR_LOCKS}` },
              // Gatus fills in the environment.
              alerting: { gotify: { "server-url": "${GOTIFY_URL}", token: "${GOTIFY_TOKEN}" } },
              endpoints: [watched(pocketbase, "/api/health"), watched(memos, "/healthz")],
            }),
          },
        },
      ],
      env: { GATUS_CONFIG_PATH: "/config/config.yaml" },
      envFrom: [{ secret: gotify.name }],
      podAnnotations: { "home-server/gotify-revision": gotify.revision },
      dashboard: {
        group: "Home",
        icon: "gatus.png",
        description: "What is up, and what was",
        widget: { type: "gatus", url: "http://gatus.home.svc:8080" },
      },
    });

    this.apps = [
      // Nobody has an account in an app that has started empty.
      proven(pocketbase, {
        database: "/pb_data/data.db",
        sql: "SELECT count(*) > 0 FROM _superusers WHERE email <> '__pbinstaller@example.com'",
      }),
      proven(memos, { sql: "SELECT count(*) > 0 FROM user" }),
      // It writes every minute: a backup whose newest result is older isn't one of today.
      proven(gatus, {
        sql: "SELECT max(timestamp) > datetime('now', '-1 hour') FROM endpoint_results",
      }),
    ];

    const alerts = new Namespace(this, "log-alerts", {
      podSecurity: "privileged",
      disposable: true,
    });
    const receivers = new WriteOnlySecret(this, "receivers", {
      namespace: alerts,
      data: { gotify: gotifyUrl, token: gotifyToken, slack: slackUrl },
      revision: alertsRevision,
    });
    new LogAlerts(this, "alerts", {
      namespace: alerts,
      receivers: [
        Alert.gotify({
          url: { secret: receivers, key: "gotify" },
          token: { secret: receivers, key: "token" },
        }),
        Alert.slack({ url: { secret: receivers, key: "slack" }, minimumLevel: "error" }),
      ],
    });
  }
}

/**
 * By itself Gatus drops a result when Litestream holds the database's lock just then. Its transactions begin by reading, so
 * that a timeout alone wouldn't help: SQLite doesn't wait where a transaction that has read wants to write.
 */
const WAIT_FOR_LOCKS = "_pragma=busy_timeout(5000)&_txlock=immediate";

/** The value of one app in a variable that has one for each. */
function of(map: { readonly value: unknown }, app: string): string {
  return Fn.lookupNested(map.value, [app]) as string;
}

/** How Gatus watches an app: by its Service, once a minute; Gotify is told after three failures. */
function watched({ name, namespace, props }: LitestreamApp, path: string) {
  return {
    name,
    url: `http://${name}.${namespace}.svc:${props.port}${path}`,
    interval: "1m",
    conditions: ["[STATUS] == 200"],
    alerts: [{ type: "gotify", "failure-threshold": 3, "send-on-resolved": true }],
  };
}
