import type { App } from "cdktf";
import {
  BackupVerification,
  LitestreamApp,
  type LitestreamAppProps,
  Replica,
  Schedule,
  Secret,
  SqliteStack,
  Storage,
} from "../../src";
import type { HomeApp } from "../../stacks/home-server";
import { GOOD } from "./synth";

/** Apps as a stack of a home server has them: one whose backup is proven on Saturdays, one that may not delete. */
export function homeApps(app: App): HomeApp[] {
  const stack = new SqliteStack(app, "home");
  return [
    homeApp(stack, "notes", { name: "notes" }),
    homeApp(
      stack,
      "wiki",
      { litestream: { retention: { enabled: false } } },
      Schedule.cron("30 4 * * *", { timeZone: "Europe/Berlin" }),
    ),
  ];
}

export function homeApp(
  stack: SqliteStack,
  name: string,
  props: Partial<LitestreamAppProps> = {},
  schedule?: Schedule,
): HomeApp {
  const app = new LitestreamApp(stack, name, {
    ...GOOD,
    name,
    namespace: "home",
    storage: Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" }),
    whenNoBackup: "refuse",
    replica: Replica.s3({
      endpoint: "https://minio.example.com:9000",
      bucket: "backups",
      path: `home/${name}`,
      credentials: Secret.existing(`${name}-s3`),
    }),
    ...props,
  });
  return {
    app,
    verification: new BackupVerification(stack, `${name}-verify`, { of: app, schedule }),
  };
}
