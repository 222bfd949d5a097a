import { durationProblems } from "../kubernetes/duration";
import { imageProblems } from "../kubernetes/image";
import { dnsLabelProblems } from "../kubernetes/names";
import { resourceProblems } from "../kubernetes/quantity";
import { secretKeyProblems, secretPlaceProblems } from "../kubernetes/secret";
import { userProblems } from "../kubernetes/security";
import { storageProblems } from "../kubernetes/storage";
import { isExpression } from "../terraform/expression";
import {
  choiceProblem,
  flagProblems,
  type Problem,
  unknownKeys,
  within,
} from "../terraform/problem";
import { backupProblems, restoreProblems } from "./backup";
import { RQLITE_DEFAULTS } from "./defaults";
import { clusterSecrets } from "./environment";
import { CDC_FLAG, has, versionsOf } from "./flags";
import { clientProblems } from "./network";
import { type RqliteClusterProps, RQLITE_PROPS } from "./props";
import { extraArgsProblems, settingsProblems } from "./settings-problems";
import { voterProblems } from "./size";
import { tlsProblems } from "./tls";
import { usersProblems } from "./users";
import { versionProblems } from "./version";

/** The readers' pods carry the cluster's name and nineteen more characters in a label of at most 63; a few are kept back. */
const LONGEST_NAME = 40;

/** Everything wrong with the declaration of a cluster. */
export function clusterProblems(props: RqliteClusterProps): Problem[] {
  const { tls, users, backup, restore, spread, disposable, networkPolicy } = props;
  const namespace = typeof props.namespace === "object" ? props.namespace.name : props.namespace;
  const version = versionProblems("version", props.version ?? RQLITE_DEFAULTS.version);
  return [
    ...unknownKeys("", props, RQLITE_PROPS),
    ...dnsLabelProblems("name", props.name, LONGEST_NAME),
    ...dnsLabelProblems("namespace", namespace),
    ...version,
    ...(props.image === undefined ? [] : imageProblems("image", props.image)),
    ...(props.curlImage === undefined ? [] : imageProblems("curlImage", props.curlImage)),
    ...voterProblems(props.voters ?? RQLITE_DEFAULTS.voters, props.previousVoters),
    ...readerProblems(props),
    ...voterStorageProblems(props.storage),
    ...(spread === undefined || spread === "require" || spread === "prefer"
      ? []
      : [choiceProblem("spread", spread, 'Write "require" or "prefer".')]),
    ...flagProblems({ disposable, networkPolicy }),
    ...userProblems(props),
    ...(users === undefined ? [] : usersProblems(users)),
    ...(tls === undefined ? [] : tlsProblems(tls)),
    ...clientProblems(props.clients),
    ...(backup === undefined ? [] : backupProblems(backup)),
    ...(restore === undefined ? [] : restoreProblems(restore, backup)),
    ...(version.length > 0 ? [] : versionedProblems(props)),
    ...resourceProblems("resources", props.resources),
    ...timeProblems(props),
    ...placeProblems(props, namespace),
  ];
}

function versionedProblems(props: RqliteClusterProps): Problem[] {
  const version = props.version ?? RQLITE_DEFAULTS.version;
  return [
    ...settingsProblems(props.settings, version),
    ...extraArgsProblems(props.extraArgs, version),
    ...cdcProblems(props.cdc, version),
  ];
}

function cdcProblems(cdc: RqliteClusterProps["cdc"], version: string): Problem[] {
  if (cdc === undefined) return [];
  if (!has(version, CDC_FLAG))
    return [
      {
        field: "cdc",
        wrong: `is nothing that rqlite ${version} has: it is there ${versionsOf(CDC_FLAG)}`,
        fix: "Leave it out, or declare another version.",
      },
    ];
  if (typeof cdc !== "string") return secretKeyProblems("cdc", cdc);
  if (isExpression(cdc) || /^https?:\/\/[^\s@/]+(\/\S*)?$/.test(cdc)) return [];
  return [
    {
      field: "cdc",
      wrong: "is not an endpoint's URL without a password in it",
      fix: 'Write for example "https://changes.example.com/rqlite", or a key of a Secret with rqlite\'s file.',
    },
  ];
}

/** Data that goes with a pod would take a vote along at each restart. */
function voterStorageProblems(storage: unknown): Problem[] {
  const { kind } = (storage ?? {}) as { kind?: string };
  if (kind === "ephemeral" || kind === "existingClaim")
    return [
      {
        field: "storage",
        value: kind,
        wrong:
          kind === "ephemeral"
            ? "goes with the pod, and a write that a majority has is lost with a majority of the pods"
            : "is one claim, and each node needs its own",
        fix: 'Write Storage.claim({ size: "10Gi" }).',
      },
    ];
  return storageProblems("storage", storage as never);
}

function readerProblems({ readers }: RqliteClusterProps): Problem[] {
  if (readers === undefined) return [];
  const { count, storage, resources } = readers ?? {};
  return within("readers", [
    ...unknownKeys("", readers, { count: true, storage: true, resources: true }),
    ...(Number.isInteger(count) && count >= 1 && !isExpression(count)
      ? []
      : [
          isExpression(count)
            ? choiceProblem("count", count, "Write the number itself.")
            : {
                field: "count",
                value: count,
                wrong: "is no number of nodes",
                fix: "Write a whole number from 1, or leave readers out.",
              },
        ]),
    ...(storage === undefined ? [] : storageProblems("storage", storage)),
    ...resourceProblems("resources", resources),
  ]);
}

function timeProblems({
  startupTimeout,
  terminationGracePeriodSeconds: grace,
}: RqliteClusterProps): Problem[] {
  return [
    ...(startupTimeout === undefined
      ? []
      : isExpression(startupTimeout)
        ? [choiceProblem("startupTimeout", startupTimeout, 'Write it itself, for example "10m".')]
        : durationProblems("startupTimeout", startupTimeout, "10s")),
    ...(grace === undefined || (Number.isInteger(grace) && grace >= 10 && !isExpression(grace))
      ? []
      : [
          {
            field: "terminationGracePeriodSeconds",
            value: isExpression(grace) ? undefined : grace,
            wrong: "is too little for a leader to hand over and a node to close its data",
            fix: "Write a whole number from 10.",
          },
        ]),
  ];
}

/** What the cluster asks of its namespace and its Secrets. */
function placeProblems(props: RqliteClusterProps, namespace: string): Problem[] {
  return secretsOf(props).flatMap((secret) =>
    secretPlaceProblems("secrets", secret, namespace, "Make it in the cluster's namespace."),
  );
}

/** The Secrets, as far as they can be read; what is wrong with others is said where they stand. */
function secretsOf(props: RqliteClusterProps) {
  try {
    return clusterSecrets(props).filter((secret) => typeof secret === "object" && secret !== null);
  } catch {
    return [];
  }
}
