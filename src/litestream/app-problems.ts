import { annotationProblems } from "../kubernetes/annotations";
import { imageProblems } from "../kubernetes/image";
import { dashboardNames } from "../kubernetes/dashboard";
import { dashboardProblems } from "../kubernetes/dashboard-problems";
import { environmentProblems } from "../kubernetes/environment";
import { ingressProblems } from "../kubernetes/ingress-problems";
import { ANNOTATION, dnsLabelProblems } from "../kubernetes/names";
import { isPort } from "../kubernetes/network";
import { probeProblems } from "../kubernetes/probe";
import { secretPlaceProblems, type SecretReference } from "../kubernetes/secret";
import { resourceProblems } from "../kubernetes/quantity";
import { userProblems } from "../kubernetes/security";
import { storageProblems } from "../kubernetes/storage";
import { identityPodAnnotations } from "../kubernetes/workload-identity";
import { isExpression } from "../terraform/expression";
import { flagProblems, type Problem, unknownKeys } from "../terraform/problem";
import { appConfig, holds, type LitestreamAppConfig } from "./app-config";
import { databasesProblems } from "./database";
import { CONFIG_FILE, OWN_FOLDERS } from "./folders";
import { filesProblems } from "./files-problems";
import { isPlain } from "./form";
import { formProblems } from "./form-problems";
import { type LitestreamAppProps, PROPS } from "./props";
import { listingProblems } from "./list";
import { mountProblems } from "./mount-problems";
import { replicaIdentity, replicaProblems, replicaSecrets } from "./replica";
import { restorePointProblems } from "./restore-point";
import { settingsProblems } from "./settings-problems";

/** A StatefulSet's pods carry its name and ten more characters in a label of at most 63. */
const LONGEST_NAME = 52;

/** Everything wrong with the declaration of one app. */
export function appProblems(
  name: string,
  props: LitestreamAppProps,
  config = appConfig(props),
): Problem[] {
  const namespace = typeof props.namespace === "object" ? props.namespace.name : props.namespace;
  return [
    ...unknownKeys("", props, PROPS),
    ...dnsLabelProblems("name", name, LONGEST_NAME),
    ...nameProblems(props),
    ...dnsLabelProblems("namespace", namespace),
    ...imageProblems("image", props.image),
    ...Object.entries({
      litestreamImage: props.litestreamImage,
      rcloneImage: props.rcloneImage,
    }).flatMap(([field, image]) => (image === undefined ? [] : imageProblems(field, image))),
    ...configPathProblems(props.litestreamConfigPath),
    ...portProblems(props, config),
    ...outsideProblems(props),
    ...annotationProblems("podAnnotations", props.podAnnotations, takenOfPod(props)),
    ...environmentProblems(props.env, props.envFrom),
    ...unknownKeys("probes", props.probes, { startup: true, readiness: true, liveness: true }),
    ...Object.entries(props.probes ?? {}).flatMap(([kind, probe]) =>
      probe ? probeProblems(`probes.${kind}`, probe) : [],
    ),
    ...resourceProblems("resources", props.resources),
    ...resourceProblems("litestreamResources", props.litestreamResources),
    ...userProblems(props),
    ...placeProblems(props),
    ...flagProblems({ allowRoot: props.allowRoot, disposable: props.disposable }),
    ...databasesProblems(props.databases),
    ...storageProblems("storage", props.storage),
    ...mountProblems(props, config),
    ...filesProblems(props, config),
    ...replicaProblems("replica", props.replica),
    ...restoreFromProblems(props),
    ...(config.directories.length > 0 && replicasAreRight(props)
      ? listingProblems(props, config)
      : []),
    ...restorePointProblems(props.restoreTo, config, props.replica),
    ...formProblems(props, config),
    ...metaPathProblems(props, config),
    ...backupProblems(props),
    ...settingsProblems(props, config),
  ];
}

/** Whether more can be said of the replicas than what is wrong with each. */
function replicasAreRight({ replica, restoreFrom }: LitestreamAppProps): boolean {
  if (replicaProblems("replica", replica).length > 0) return false;
  return restoreFrom === undefined || replicaProblems("restoreFrom", restoreFrom).length === 0;
}

/** The scripts look for Litestream's files beside the database; only the plain pod has none. */
function metaPathProblems(
  props: LitestreamAppProps,
  { databases }: LitestreamAppConfig,
): Problem[] {
  if (isPlain(props)) return [];
  return databases.flatMap(({ path, settings }) =>
    settings?.metaPath === undefined
      ? []
      : [
          {
            field: "databases",
            value: path,
            wrong:
              "has a settings.metaPath, and the pod's checks look for Litestream's files beside the database: a volume that is older than the replica would not be noticed",
            fix: "Leave metaPath out.",
          },
        ],
  );
}

/** A claim of the app's own is called after the app: renamed by accident, its backup stays behind. */
function nameProblems({ name, replica }: LitestreamAppProps): Problem[] {
  if (name !== undefined || replica?.kind !== "file" || replica.claim === undefined) return [];
  return [
    {
      field: "name",
      wrong:
        "is missing; the claim with the backup is called after it, and renaming the construct would leave it behind",
      fix: 'Write the name out, for example name: "notes".',
    },
  ];
}

/** What the app asks of its namespace and its Secrets. */
function placeProblems({
  namespace,
  user,
  replica,
  restoreFrom,
  litestream,
}: LitestreamAppProps): Problem[] {
  const found: Problem[] = [];
  if (user === 0 && typeof namespace === "object" && namespace.podSecurity === "restricted")
    found.push({
      field: "user",
      value: user,
      wrong: "is root, which the namespace refuses",
      fix: 'Make the namespace with podSecurity: "baseline", or write another user.',
    });
  const own = typeof namespace === "object" ? namespace.name : namespace;
  const used: [string, SecretReference | undefined][] = [
    ...replicaSecrets(replica).map((secret): [string, SecretReference] => [
      "replica.credentials",
      secret,
    ]),
    ...(restoreFrom ? replicaSecrets(restoreFrom) : []).map((secret): [string, SecretReference] => [
      "restoreFrom.credentials",
      secret,
    ]),
    ["litestream.heartbeatUrl", litestream?.heartbeatUrl?.secret],
  ];
  const place = "Make it in the app's namespace.";
  found.push(...used.flatMap(([field, secret]) => secretPlaceProblems(field, secret, own, place)));
  const [here, there] = [replica, restoreFrom].map((one) => one && replicaIdentity(one));
  if (here?.kind === "gcp" && there?.kind === "gcp" && here.serviceAccount !== there.serviceAccount)
    found.push({
      field: "restoreFrom.credentials",
      value: there.serviceAccount,
      wrong: "is another Google service account than the replica's, and a pod has one",
      fix: "Give one account access to both buckets.",
    });
  return found;
}

function configPathProblems(value: unknown): Problem[] {
  if (value === undefined || value === CONFIG_FILE) return [];
  const right =
    typeof value === "string" &&
    !isExpression(value) &&
    /^(\/[A-Za-z0-9._-]+)+\.ya?ml$/.test(value);
  if (right && !OWN_FOLDERS.some((own) => holds(own, value))) return [];
  return [
    {
      field: "litestreamConfigPath",
      value: isExpression(value) ? undefined : value,
      wrong: "is not the path of a YAML file outside Litestream's own folders",
      fix: 'Write for example "/etc/litestream.yaml", or leave it out.',
    },
  ];
}

/** Problems of the app's port beside that of the metrics. */
export function portProblems(
  props: Pick<LitestreamAppProps, "port">,
  { metricsPort }: Pick<LitestreamAppConfig, "metricsPort">,
): Problem[] {
  const found: Problem[] = [];
  for (const [field, value] of Object.entries({ port: props.port, metricsPort })) {
    if (isExpression(value) || isPort(value)) continue;
    found.push({
      field,
      value,
      wrong: "is not a port",
      fix: "Write a whole number from 1 to 65535.",
    });
  }
  if (props.port === metricsPort && !isExpression(props.port))
    found.push({
      field: "port",
      value: props.port,
      wrong: "is the port of Litestream's metrics",
      fix: `Move those: metricsPort: ${props.port + 1}.`,
    });
  return found;
}

/** Annotations of the pod that are set here, and by which prop. */
function takenOfPod({ replica, restoreFrom }: LitestreamAppProps): Record<string, string> {
  const identities = [replica, restoreFrom].map((one) => one && replicaIdentity(one));
  return Object.fromEntries([
    ...Object.values(ANNOTATION).map((name) => [name, "the app"]),
    ...identities.flatMap((identity) =>
      identity
        ? Object.keys(identityPodAnnotations(identity, "")).map((name) => [
            name,
            "the replica's credentials",
          ])
        : [],
    ),
  ]) as Record<string, string>;
}

/** Problems of how the app is reached from outside. */
function outsideProblems({ ingress, dashboard }: LitestreamAppProps): Problem[] {
  const taken = dashboard === undefined ? [] : dashboardNames(dashboard);
  return [
    ...(ingress === undefined
      ? []
      : ingressProblems(
          "ingress",
          ingress,
          Object.fromEntries(taken.map((name) => [name, "dashboard"])),
        )),
    ...(dashboard === undefined ? [] : dashboardProblems("dashboard", dashboard, ingress)),
  ];
}

function backupProblems({
  storage,
  whenNoBackup,
  whenVolumeIsOlder,
  restoreIntegrityCheck,
}: LitestreamAppProps): Problem[] {
  const found: Problem[] = [];
  if (whenNoBackup === undefined && storage?.kind === "ephemeral")
    found.push({
      field: "whenNoBackup",
      wrong:
        "must be said on ephemeral storage, where a wiped bucket or a mistyped folder looks like a first start",
      fix: 'Write "start-empty" for the first start, then "refuse".',
    });
  else if (
    whenNoBackup !== undefined &&
    !isExpression(whenNoBackup) &&
    !["start-empty", "refuse"].includes(whenNoBackup)
  )
    found.push({
      field: "whenNoBackup",
      value: whenNoBackup,
      wrong: "is unknown",
      fix: 'Write "start-empty" or "refuse".',
    });
  if (whenVolumeIsOlder !== undefined && !["refuse", "keep"].includes(whenVolumeIsOlder))
    found.push({
      field: "whenVolumeIsOlder",
      value: whenVolumeIsOlder,
      wrong: "is unknown",
      fix: 'Write "refuse" or "keep".',
    });
  if (
    restoreIntegrityCheck !== undefined &&
    !["none", "quick", "full"].includes(restoreIntegrityCheck)
  )
    found.push({
      field: "restoreIntegrityCheck",
      value: restoreIntegrityCheck,
      wrong: "is unknown",
      fix: 'Write "quick", "full" or "none".',
    });
  return found;
}

function restoreFromProblems({ restoreFrom }: LitestreamAppProps): Problem[] {
  if (restoreFrom === undefined) return [];
  if (restoreFrom.kind === "file" && restoreFrom.claim !== undefined)
    return [
      {
        field: "restoreFrom.claim",
        wrong: "would be a new claim, with nothing in it to restore",
        fix: 'Name the claim that holds the backup: existingClaim: "replica-notes-0".',
      },
    ];
  return replicaProblems("restoreFrom", restoreFrom);
}
