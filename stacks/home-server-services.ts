import { Fn, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import {
  BackupBucket,
  BackupUser,
  HealthchecksChannel,
  HealthchecksProvider,
  LocalStateStack,
  MinioProvider,
  type S3Replica,
  variable,
  VerificationCheck,
} from "../src";
import type { HomeApp } from "./home-server";

/**
 * What the home server needs outside its cluster: a bucket of MinIO, a user of it for each app, who gets at the app's own folder only,
 * and a check of healthchecks.io for the proof of each backup. Folders, rights and schedules are read from
 * the apps, so that both stacks say the same. The outputs are variables of `home-server`.
 *
 * Its state holds the ping URLs, which their service makes up; no secret key, no password, no API key.
 *
 * @see docs/services.md
 */
export class HomeServerServices extends LocalStateStack {
  constructor(scope: Construct, id: string, apps: readonly HomeApp[]) {
    super(scope, id);

    const setting = (name: string, description: string, value?: string | null) =>
      variable(this, name, { type: "string", description, default: value }).stringValue;
    const secret = (name: string, description: string, type = "string") =>
      variable(this, name, { type, description, sensitive: true, ephemeral: true });

    const server = setting("minio_server", "Host and port of MinIO, for example minio.lan:9000");
    const ssl = variable(this, "minio_ssl", {
      type: "bool",
      default: true,
      description: "Whether MinIO speaks TLS",
    });
    const region = setting("s3_region", "Region of the bucket", "us-east-1");
    new MinioProvider(this, "minio", {
      server,
      ssl: ssl.value,
      region,
      user: setting("minio_user", "An administrator of MinIO"),
      password: secret("minio_password", "Their secret key").stringValue,
    });

    const bucket = new BackupBucket(this, "backups", {
      name: setting("s3_bucket", "Name of the bucket that is made for the backups", "backups"),
    });
    const secretKeys = secret(
      "s3_secret_keys",
      "Secret key of each app, by the app's name",
      "map(string)",
    );
    const revision = variable(this, "s3_secret_revision", {
      type: "number",
      default: 1,
      description: "Another number at each change of the secret keys: it has them written",
    });

    new HealthchecksProvider(this, "healthchecks", {
      apiKey: secret("healthchecks_api_key", "Read-write API key of the project").stringValue,
      apiUrl: setting(
        "healthchecks_api_url",
        "API of healthchecks; on a server of your own its address and /api/v1",
        "https://healthchecks.io/api/v1",
      ),
    });
    const channel = new HealthchecksChannel(this, "channel", {
      kind: setting("healthchecks_channel_kind", "Kind of the integration that tells you", "email"),
      name: setting(
        "healthchecks_channel_name",
        "Its name, where the project has several of the kind",
        null,
      ),
    });

    const users: Record<string, string> = {};
    const pingUrls: Record<string, string> = {};
    for (const { app, verification } of apps) {
      const user = new BackupUser(this, app.name, {
        bucket,
        path: (app.props.replica as S3Replica).path,
        secretKey: Fn.lookupNested(secretKeys.value, [app.name]) as string,
        revision: revision.numberValue,
        mayDelete: app.config.litestream.retention?.enabled ?? true,
      });
      const check = new VerificationCheck(this, verification.name, {
        of: verification,
        channels: [channel],
      });
      users[app.name] = user.name;
      pingUrls[app.name] = check.pingUrl;
    }

    const endpoint = setting(
      "s3_endpoint",
      "URL of MinIO as the pods reach it; null takes minio_server",
      null,
    );
    const here = Fn.join("", [Fn.conditional(ssl.value, "https://", "http://"), server]);
    const output = (name: string, value: unknown, description: string, sensitive = false) =>
      new TerraformOutput(this, `output-${name}`, {
        value,
        description,
        sensitive,
      }).overrideLogicalId(name);
    output("s3_endpoint", Fn.coalesce([endpoint, here]), "URL of the S3 server");
    output("s3_region", region, "Region of the bucket");
    output("s3_bucket", bucket.name, "Name of the bucket");
    output("s3_access_key_ids", users, "Access key id of each app");
    output("ping_urls", pingUrls, "Ping URL of each app's check", true);
  }
}
