import type { StatefulSetV1SpecTemplateSpecInitContainer } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { CONTAINER, PORT } from "../kubernetes/names";
import { literal } from "../terraform/expression";
import type { LitestreamAppConfig } from "./app-config";
import type { Database } from "./database";
import { DEFAULTS } from "./defaults";
import { isVersion03 } from "./form";
import type { LitestreamAppProps } from "./props";

/** Where all official images have it; the hardened one has no PATH to look in. */
const LITESTREAM = "/usr/local/bin/litestream";

type Container = Omit<StatefulSetV1SpecTemplateSpecInitContainer, "name" | "command" | "args">;

/**
 * Brings back missing databases without a shell: one init container for each. The app starts when all of
 * them have succeeded, but those before one that fails stay restored. They are found by the
 * beginning of their names.
 */
export function plainRestore(
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
  container: Container,
): StatefulSetV1SpecTemplateSpecInitContainer[] {
  return config.databases.map((database, index) => ({
    ...container,
    name: index === 0 ? CONTAINER.restore : `${CONTAINER.restore}-${index}`,
    command: [LITESTREAM],
    args: ["restore", ...flags(props, config, database), literal(database.path)],
  }));
}

function flags(
  props: LitestreamAppProps,
  { whenNoBackup = "refuse" }: LitestreamAppConfig,
  { optional }: Database,
): string[] {
  const check = props.restoreIntegrityCheck ?? DEFAULTS.restoreIntegrityCheck;
  return [
    "-if-db-not-exists",
    // Without it a replica without a backup is an error, and the pod doesn't start.
    ...(whenNoBackup === "start-empty" || optional ? ["-if-replica-exists"] : []),
    ...(isVersion03(props) ? [] : ["-integrity-check", check]),
  ];
}

/** The command of Litestream's container. */
export const PLAIN_REPLICATE = { command: [LITESTREAM], args: ["replicate"] };

/**
 * That Litestream listens. Whether it replicates is not asked: the one command that finds a replaced file or an
 * exclusive lock, `litestream sync`, asks for one database, and doesn't answer either while the
 * replica is unreachable at a start; the app would have to wait for its backup.
 */
export function plainProbes(): Partial<StatefulSetV1SpecTemplateSpecInitContainer> {
  const listens = { httpGet: { path: "/metrics", port: PORT.metrics }, timeoutSeconds: 5 };
  return {
    startupProbe: { ...listens, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...listens, periodSeconds: 10, failureThreshold: 3 },
  };
}
