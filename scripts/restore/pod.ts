import type { V1ConfigMap, V1Pod, V1PodSpec, V1Volume } from "@kubernetes/client-node";
import { labels } from "../../src/kubernetes/names";
import { DEFAULTS } from "../../src/litestream/defaults";
import { CONFIG_FOLDER } from "../../src/litestream/folders";
import { claimName, configMapName } from "../../src/litestream/names";
import { restoreNowScript } from "../../src/litestream/scripts";
import type { DeployedApp } from "./deployed";
import { type Plan, planFiles } from "./plan";

export const RESTORE_CONTAINER = "litestream-restore-now";

/** The name is the same each time: two restores of an app at once can't be. */
export function restoreName(app: string): string {
  return `${app}-restore`;
}

/** Long enough to bring the old state into the replica again where that is slow to reach. */
const GRACE_SECONDS = 900;

/** What is longer in ending doesn't end by itself. */
export const ENDS_WITHIN = GRACE_SECONDS + 60;

/** The ConfigMap of a restore. It is made first and goes last: it says that a restore is under way, and what it does. */
export function restoreConfigMap(app: DeployedApp, plan: Plan): V1ConfigMap {
  const name = restoreName(app.name);
  return {
    metadata: { name, namespace: app.namespace, labels: labels(name) },
    data: {
      ...planFiles(app, plan),
      "restore-now.sh": restoreNowScript,
      "plan.json": JSON.stringify(plan, null, 2),
    },
  };
}

/**
 * The pod that restores: what restores at the app's start, with what that has (image, environment, volumes, user,
 * place), and the script that does it now. Neither the StatefulSet nor a Service takes it for the app's.
 *
 * @param undo puts back what a restore that was killed has moved
 */
export function restorePod(
  app: DeployedApp,
  plan: Plan,
  { image, undo = false }: { readonly image?: string; readonly undo?: boolean } = {},
): V1Pod {
  const name = restoreName(app.name);
  const { template, spec, restore } = app;
  const own = Object.entries(template.metadata?.labels ?? {}).filter(
    ([key]) => !(key in app.selector),
  );
  const annotations = Object.entries(template.metadata?.annotations ?? {}).filter(
    ([key]) => !key.startsWith("cdktf-sqlite/"),
  );
  return {
    metadata: {
      name,
      namespace: app.namespace,
      labels: { ...Object.fromEntries(own), ...labels(name) },
      annotations: Object.fromEntries(annotations),
    },
    spec: {
      ...asTheApp(spec),
      restartPolicy: "Never",
      terminationGracePeriodSeconds: GRACE_SECONDS,
      containers: [
        {
          name: RESTORE_CONTAINER,
          image: image ?? (app.plain ? DEFAULTS.litestreamImage : restore.image),
          imagePullPolicy: restore.imagePullPolicy,
          command: ["sh", `${CONFIG_FOLDER}/restore-now.sh`],
          args: scriptArguments(app, plan, undo),
          env: restore.env,
          envFrom: restore.envFrom,
          resources: restore.resources,
          securityContext: restore.securityContext,
          volumeMounts: restore.volumeMounts,
          terminationMessagePolicy: "FallbackToLogsOnError",
        },
      ],
      volumes: volumes(app, name),
    },
  };
}

/** Who the app's pod is, what it may, and where it runs. */
const AS_THE_APP = [
  "serviceAccountName",
  "automountServiceAccountToken",
  "enableServiceLinks",
  "securityContext",
  "nodeSelector",
  "affinity",
  "tolerations",
  "imagePullSecrets",
  "priorityClassName",
  "runtimeClassName",
  "schedulerName",
  "dnsPolicy",
  "dnsConfig",
  "hostAliases",
] as const satisfies readonly (keyof V1PodSpec)[];

function asTheApp(spec: V1PodSpec): Pick<V1PodSpec, (typeof AS_THE_APP)[number]> {
  return Object.fromEntries(AS_THE_APP.map((key) => [key, spec[key]]));
}

function scriptArguments(app: DeployedApp, { target, databases }: Plan, undo: boolean): string[] {
  return [
    ...(undo ? ["undo", ""] : [target.flag, target.value]),
    app.integrityCheck,
    String(app.quietSeconds),
    ...databases.flatMap(({ path, meta, kept, lies }) => [path, meta, kept, lies]),
  ];
}

function volumes({ name, spec, claims, restore }: DeployedApp, configMap: string): V1Volume[] {
  const used = new Set(restore.volumeMounts?.map((mount) => mount.name));
  return [
    ...(spec.volumes ?? []).map((volume): V1Volume => {
      if (volume.configMap?.name === configMapName(name))
        return { ...volume, configMap: { ...volume.configMap, name: configMap } };
      // The present and the restored state lie there at once: a limit meant for one would have the pod evicted.
      if (volume.emptyDir && volume.emptyDir.medium !== "Memory")
        return { ...volume, emptyDir: {} };
      return volume;
    }),
    ...claims.map((claim) => ({
      name: claim,
      persistentVolumeClaim: { claimName: claimName(name, claim) },
    })),
  ].filter((volume) => used.has(volume.name));
}
