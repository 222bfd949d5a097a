import { environmentProblems } from "../../kubernetes/environment";
import { dnsLabelProblems } from "../../kubernetes/names";
import { probeProblems } from "../../kubernetes/probe";
import { resourceProblems, sizeProblems } from "../../kubernetes/quantity";
import { isExpression } from "../../terraform/expression";
import { flagProblems, type Problem, unknownKeys } from "../../terraform/problem";
import { imageProblems } from "../../kubernetes/image";
import { portProblems } from "../app-problems";
import { holds } from "../app-config";
import { knownDurationProblems } from "../../kubernetes/duration";
import { isVersion03 } from "../form";
import { type LitestreamReadersConfig, READERS_DEFAULTS } from "./config";
import { FOLLOWER_FOLDER, STATUS_FOLDER } from "./places";
import { type LitestreamReadersProps, READERS_PROPS } from "./props";

/** A StatefulSet's pods carry its name and ten more characters in a label of at most 63. */
const LONGEST_NAME = 52;

/** What is wrong when there is no app to read. */
export function appMissing(of: unknown): Problem {
  return {
    field: "of",
    value: typeof of === "object" ? undefined : of,
    wrong: of === undefined ? "is missing" : "is not an app",
    fix: "Write the LitestreamApp whose databases are read.",
  };
}

/** Everything wrong with the declaration of some readers; what is wrong with their app is said there. */
export function readersProblems(
  name: string,
  props: LitestreamReadersProps,
  config: LitestreamReadersConfig,
): Problem[] {
  const { image, replicas, stopTimeout } = props;
  return [
    ...unknownKeys("", props, READERS_PROPS),
    ...dnsLabelProblems("name", name, LONGEST_NAME),
    ...replicasProblems(replicas),
    ...maxLagProblems(props, config),
    ...(image === undefined ? [] : imageProblems("image", image)),
    ...(props.port === undefined && props.metricsPort === undefined
      ? []
      : portProblems(config, config)),
    ...environmentProblems(props.env, props.envFrom),
    ...unknownKeys("probes", props.probes, { startup: true, readiness: true, liveness: true }),
    ...Object.entries(props.probes ?? {}).flatMap(([kind, probe]) =>
      probe ? probeProblems(`probes.${kind}`, probe) : [],
    ),
    ...resourceProblems("resources", props.resources),
    ...resourceProblems("followerResources", props.followerResources),
    ...(stopTimeout === undefined ? [] : knownDurationProblems("stopTimeout", stopTimeout, "0s")),
    ...flagProblems({ onNodeOfApp: props.onNodeOfApp }),
    ...sizeLimitProblems(props, config),
    ...nodeProblems(props),
    ...folderProblems(config),
    ...appProblems(props),
  ];
}

function replicasProblems(replicas: unknown): Problem[] {
  if (replicas === undefined || isExpression(replicas)) return [];
  if (Number.isInteger(replicas) && Number(replicas) >= 1) return [];
  return [
    {
      field: "replicas",
      value: replicas,
      wrong: "is not a number of pods",
      fix: "Write a whole number from 1, or leave the readers out.",
    },
  ];
}

function maxLagProblems(
  { maxLag = READERS_DEFAULTS.maxLag, of }: LitestreamReadersProps,
  { maxLagSeconds, usualLagSeconds }: LitestreamReadersConfig,
): Problem[] {
  if (isExpression(maxLag) || maxLagSeconds === undefined)
    return knownDurationProblems("maxLag", maxLag);
  if (maxLagSeconds >= usualLagSeconds) return [];
  const { syncInterval } = of.props.replica;
  const interval = typeof syncInterval === "string" ? ` (it syncs every ${syncInterval})` : "";
  return [
    {
      field: "maxLag",
      value: maxLag,
      wrong: `is less than what a reader lags anyway${interval}, so that none would stay ready`,
      fix: `Write "${usualLagSeconds}s" or more.`,
    },
  ];
}

function sizeLimitProblems(
  { sizeLimit, of }: LitestreamReadersProps,
  config: LitestreamReadersConfig,
): Problem[] {
  if (sizeLimit !== undefined) return sizeProblems("sizeLimit", sizeLimit);
  if (config.sizeLimit !== undefined || of.props.storage?.kind !== "existingClaim") return [];
  return [
    {
      field: "sizeLimit",
      wrong: "is missing, and isn't known of a claim made elsewhere",
      fix: 'Write how much the databases may need, for example "10Gi".',
    },
  ];
}

/** A claim of the app's own is ReadWriteOnce: pods of one node have it. */
function nodeProblems({ of, onNodeOfApp }: LitestreamReadersProps): Problem[] {
  const { replica } = of.props;
  if (onNodeOfApp || replica?.kind !== "file" || replica.claim === undefined) return [];
  return [
    {
      field: "onNodeOfApp",
      value: onNodeOfApp,
      wrong: `${onNodeOfApp === undefined ? "is missing" : "is not possible"}; the replica is on a claim that one node has for itself, so readers can run on the app's node only`,
      fix: "Write true to accept that, or back up to S3 to have readers on other nodes.",
    },
  ];
}

/** Apps that Litestream's follow mode can't follow. */
function appProblems({ of }: LitestreamReadersProps): Problem[] {
  const found: Problem[] = [];
  const [directory] = of.config.directories;
  if (directory !== undefined)
    found.push({
      field: "of",
      value: directory.dir,
      wrong: "is a directory of databases that come and go, and readers follow those they know",
      fix: "Declare the databases that are read by their paths.",
    });
  if (isVersion03(of.props))
    found.push({
      field: "of",
      value: of.props.version,
      wrong: "is a version of Litestream whose replica can't be followed",
      fix: 'Change the app to version "0.5" (docs/operations.md).',
    });
  return found;
}

function folderProblems({ folders }: LitestreamReadersConfig): Problem[] {
  const own = [FOLLOWER_FOLDER, STATUS_FOLDER];
  return folders
    .filter(({ mountPath }) => !isExpression(mountPath))
    .filter(({ mountPath }) =>
      own.some((one) => one === mountPath || holds(one, mountPath) || holds(mountPath, one)),
    )
    .map(({ mountPath }) => ({
      field: "of",
      value: mountPath,
      wrong: `meets a folder of the readers' own (${own.join(", ")})`,
      fix: 'Mount the app\'s databases elsewhere, for example at "/data".',
    }));
}
