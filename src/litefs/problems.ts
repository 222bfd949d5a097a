import { seconds } from "../kubernetes/duration";
import { durationProblems, knownDurationProblems } from "../kubernetes/duration";
import { environmentProblems } from "../kubernetes/environment";
import { imageProblems } from "../kubernetes/image";
import { ingressProblems } from "../kubernetes/ingress-problems";
import { dnsLabelProblems } from "../kubernetes/names";
import { isPort } from "../kubernetes/network";
import { probeProblems } from "../kubernetes/probe";
import { resourceProblems } from "../kubernetes/quantity";
import { longestInterval, type Schedule } from "../kubernetes/schedule";
import { secretPlaceProblems } from "../kubernetes/secret";
import { userProblems } from "../kubernetes/security";
import { dnsNameProblems, storageProblems } from "../kubernetes/storage";
import { filesProblems } from "../litestream/files-problems";
import { replicaProblems, replicaSecrets } from "../litestream/replica";
import { isExpression } from "../terraform/expression";
import {
  choiceProblem,
  flagProblems,
  type Keys,
  type Problem,
  unknownKeys,
} from "../terraform/problem";
import type { LitefsClusterConfig } from "./config";
import { databaseProblems } from "./database-problems";
import { LITEFS_DEFAULTS as D } from "./defaults";
import { formProblems } from "./form-problems";
import {
  API_PORT,
  DOLLAR_VARIABLE,
  GUARD_PORT,
  IMPORT_PORT,
  POD_VARIABLE,
  PROXY_PORT,
} from "./names";
import { type LitefsBackup, type LitefsClusterProps, type LitefsRouter, PROPS } from "./props";

/** A StatefulSet's pods carry its name and ten more characters in a label of at most 63. */
const LONGEST_NAME = 52;

const ROUTER = {
  primaryPaths: true,
  replicas: true,
  image: true,
  resources: true,
} satisfies Keys<LitefsRouter>;

const BACKUP = { interval: true, retention: true, resources: true } satisfies Keys<LitefsBackup>;

/** Everything wrong with the declaration of one cluster. */
export function clusterProblems(props: LitefsClusterProps, config: LitefsClusterConfig): Problem[] {
  const { namespace, backup, router } = props;
  const images = {
    litefsImage: props.litefsImage,
    litestreamImage: props.litestreamImage,
    "router.image": router?.image,
  };
  return [
    ...unknownKeys("", props, PROPS),
    ...dnsLabelProblems("name", props.name, LONGEST_NAME),
    ...nameProblems(props),
    ...dnsLabelProblems("namespace", typeof namespace === "object" ? namespace.name : namespace),
    ...namespaceProblems(props),
    ...imageProblems("image", props.image),
    ...Object.entries(images).flatMap(([field, image]) =>
      image === undefined ? [] : imageProblems(field, image),
    ),
    ...portProblems(props.port),
    ...(props.ingress === undefined ? [] : ingressProblems("ingress", props.ingress)),
    ...environmentProblems(props.env, props.envFrom),
    ...ownVariableProblems(props),
    ...unknownKeys("probes", props.probes, { startup: true, readiness: true, liveness: true }),
    ...Object.entries(props.probes ?? {}).flatMap(([kind, probe]) =>
      probe ? probeProblems(`probes.${kind}`, probe) : [],
    ),
    ...Object.entries({
      resources: props.resources,
      litefsResources: props.litefsResources,
      "backup.resources": backup?.resources,
      "router.resources": router?.resources,
    }).flatMap(([field, resources]) => resourceProblems(field, resources)),
    ...userProblems(props),
    ...flagProblems({
      allowRoot: props.allowRoot,
      disposable: props.disposable,
      networkPolicy: props.networkPolicy,
    }),
    ...knownDurationProblems("stopTimeout", props.stopTimeout ?? D.stopTimeout, "0s"),
    ...durationProblems("maxLag", props.maxLag ?? D.maxLag, "2s"),
    ...durationProblems("retention", props.retention ?? D.retention, "1m"),
    ...databaseProblems(props, config),
    ...claimProblems(props),
    ...countProblems("replicas", config.replicas),
    ...countProblems("router.replicas", config.routerReplicas),
    ...filesProblems(props, {
      ...config,
      mountPath: config.volumePath,
      databases: config.paths.map((path) => ({ path })),
      directories: [],
    }),
    ...replicaProblems("replica", props.replica),
    ...ownReplicaProblems(props),
    ...unknownKeys("backup", backup, BACKUP),
    ...knownDurationProblems("backup.interval", backup?.interval ?? D.backupInterval, "5s"),
    ...durationProblems("backup.retention", backup?.retention ?? D.backupRetention, "1h"),
    ...emptyProblems(props),
    ...unknownKeys("router", router, ROUTER),
    ...pathProblems(config),
    ...formProblems(props),
    ...(props.clusterDomain === undefined
      ? []
      : dnsNameProblems("clusterDomain", props.clusterDomain)),
  ];
}

/** The backup keeps what a proof is held against for so long; see `provenOn`. */
export function proofProblems(
  { backup }: LitefsClusterProps,
  proofs: readonly Schedule[],
): Problem[] {
  const kept = seconds(backup?.retention ?? D.backupRetention);
  const longest = Math.max(0, ...proofs.map((proof) => longestInterval(proof) ?? 0)) / 1000;
  if (kept === undefined || longest <= kept) return [];
  const hours = Math.ceil(longest / 3600);
  return [
    {
      field: "backup.retention",
      value: backup?.retention ?? D.backupRetention,
      wrong: `is less than the ${hours} h between two proofs: what one finds too late couldn't be undone any more`,
      fix: `Write "${hours}h" or more, or have the backup proven more often.`,
    },
  ];
}

function nameProblems({ name }: LitefsClusterProps): Problem[] {
  if (!isExpression(name)) return [];
  return [
    {
      field: "name",
      wrong: "is known only at apply, but the addresses of pods are made of it",
      fix: "Write the name itself.",
    },
  ];
}

function namespaceProblems({ namespace }: LitefsClusterProps): Problem[] {
  if (typeof namespace !== "object" || namespace.podSecurity === "privileged") return [];
  return [
    {
      field: "namespace",
      value: namespace.name,
      wrong: `enforces Pod Security "${namespace.podSecurity}", and LiteFS mounts a file system`,
      fix: 'Make it with podSecurity: "privileged", for this cluster alone: what else may run in it could take the node over.',
    },
  ];
}

const OWN_PORTS: readonly unknown[] = [API_PORT, PROXY_PORT, GUARD_PORT, IMPORT_PORT];

function portProblems(port: unknown): Problem[] {
  if (isExpression(port))
    return [
      {
        field: "port",
        wrong: "is known only at apply, but LiteFS's proxy is made for it",
        fix: "Write the port itself.",
      },
    ];
  if (!isPort(port))
    return [
      {
        field: "port",
        value: port,
        wrong: "is not a port",
        fix: "Write a whole number from 1 to 65535.",
      },
    ];
  if (!OWN_PORTS.includes(port)) return [];
  return [
    {
      field: "port",
      value: port,
      wrong: "is one of LiteFS's own, which are in the same pod",
      fix: "Have the app listen on another port.",
    },
  ];
}

/** LiteFS decides by it whether this pod is the primary. */
function ownVariableProblems({ env = {} }: LitefsClusterProps): Problem[] {
  return [POD_VARIABLE, DOLLAR_VARIABLE, "PEERS"]
    .filter((name) => name in env)
    .map((name) => ({
      field: `env.${name}`,
      wrong: "is a variable of LiteFS's container, by which a pod knows whether it is the primary",
      fix: "Give the variable another name.",
    }));
}

function claimProblems({ storage }: LitefsClusterProps): Problem[] {
  const kind = (storage as { kind?: string } | undefined)?.kind;
  if (kind === "ephemeral" || kind === "existingClaim")
    return [
      {
        field: "storage",
        value: kind,
        wrong:
          kind === "ephemeral"
            ? "goes with the pod, and an empty primary doesn't start over data that the others have"
            : "is one claim, and every pod keeps a copy of its own",
        fix: 'Write Storage.claim({ size: "10Gi" }).',
      },
    ];
  return storageProblems("storage", storage);
}

function countProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value))
    return [
      {
        field,
        wrong: "is known only at apply, but decides what is synthesized",
        fix: "Write the number itself.",
      },
    ];
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 50) return [];
  return [
    { field, value, wrong: "is not a number of pods", fix: "Write a whole number from 1 to 50." },
  ];
}

/** What a cluster asks of its replica besides what is wrong with it anyway. */
function ownReplicaProblems({ replica, namespace }: LitefsClusterProps): Problem[] {
  if (replica?.kind === "file" && replica.claim !== undefined)
    return [
      {
        field: "replica.claim",
        wrong: "would be a claim for each pod, and the backup on the primary's alone",
        fix: 'Name a claim that every node can mount (ReadWriteMany): existingClaim: "backups".',
      },
    ];
  if (replica?.kind === "nats")
    return [
      {
        field: "replica",
        value: "nats",
        wrong: "keeps one database in a bucket, and a note of the cluster has to be beside it",
        fix: "Take another type of replica.",
      },
    ];
  const own = typeof namespace === "object" ? namespace.name : namespace;
  return replicaSecrets(replica).flatMap((secret) =>
    secretPlaceProblems("replica.credentials", secret, own, "Make it in the cluster's namespace."),
  );
}

function emptyProblems({ whenPrimaryIsEmpty: value }: LitefsClusterProps): Problem[] {
  if (value === undefined || ["refuse", "take-replica", "restore"].includes(value)) return [];
  return [
    choiceProblem("whenPrimaryIsEmpty", value, 'Write "refuse", "take-replica" or "restore".'),
  ];
}

function pathProblems({ primaryPaths }: LitefsClusterConfig): Problem[] {
  if (!Array.isArray(primaryPaths))
    return [
      {
        field: "router.primaryPaths",
        value: primaryPaths,
        wrong: "is not a list",
        fix: 'Write ["/login"].',
      },
    ];
  return primaryPaths.flatMap((path: unknown, index) =>
    typeof path === "string" && !isExpression(path) && /^\/[A-Za-z0-9._~/-]*$/.test(path)
      ? []
      : [
          {
            field: `router.primaryPaths[${index}]`,
            value: isExpression(path) ? undefined : path,
            wrong: "is not a plain path",
            fix: 'Write for example "/login": letters, digits and . _ ~ - between slashes, without a host, a query or a pattern.',
          },
        ],
  );
}
