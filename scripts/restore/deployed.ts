import { posix } from "node:path";
import type { V1ConfigMap, V1Container, V1PodSpec, V1StatefulSet } from "@kubernetes/client-node";
import { CONTAINER } from "../../src/kubernetes/names";
import { Failure } from "../cluster/failure";
import {
  type LitestreamFile,
  type LitestreamFiles,
  readLitestreamFiles,
} from "../cluster/litestream-file";

/** An app as it is deployed, as far as a restore needs it. */
export interface DeployedApp extends LitestreamFiles {
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly template: NonNullable<V1StatefulSet["spec"]>["template"];
  readonly spec: V1PodSpec;
  /** The claims of its only pod, by the volume's name. */
  readonly claims: readonly string[];
  /** The labels by which the StatefulSet finds its pods. */
  readonly selector: Readonly<Record<string, string>>;
  readonly restore: V1Container;
  /** Whether Litestream's image has no shell. */
  readonly plain: boolean;
  readonly integrityCheck: "none" | "full";
  readonly quietSeconds: number;
}

/**
 * Reads what is deployed, not what is declared: that may have changed since.
 *
 * @throws Failure for an app that can't be restored this way, with what to do instead.
 */
export function deployedApp(statefulSet: V1StatefulSet, configMap: V1ConfigMap): DeployedApp {
  const { name = "", namespace = "" } = statefulSet.metadata ?? {};
  const spec = statefulSet.spec;
  const podSpec = spec?.template.spec;
  const containers = [...(podSpec?.initContainers ?? []), ...(podSpec?.containers ?? [])];
  const restore = containers.find((one) => one.name === CONTAINER.restore);
  const sidecar = containers.find((one) => one.name === CONTAINER.litestream);
  if (!spec || !podSpec || !restore || !sidecar || !configMap.data?.["litestream.yml"])
    throw new Failure(
      `${namespace}/${name} has no container ${CONTAINER.restore}, or its ConfigMap no litestream.yml: it isn't an app of this project, or of another version of it. Deploy it again.`,
    );
  const files = readLitestreamFiles(configMap.data);
  refuseWhatIsDifferent(`${namespace}/${name}`, files.file);
  const plain = posix.basename(restore.command?.[0] ?? "") === "litestream";
  return {
    name,
    namespace,
    replicas: spec.replicas ?? 1,
    template: spec.template,
    spec: podSpec,
    claims: (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? ""),
    selector: spec.selector.matchLabels ?? {},
    restore,
    plain,
    ...files,
    ...checks(restore, plain),
  };
}

function refuseWhatIsDifferent(title: string, { dbs }: LitestreamFile): void {
  if (dbs.some(({ replicas }) => replicas !== undefined))
    throw new Failure(
      `${title} runs Litestream 0.3, whose backups this program can't restore. Stop the app and restore by hand with its own image: litestream restore -timestamp TIME -o FILE DATABASE`,
    );
  if (dbs.some(({ replica }) => replica?.type === "nats"))
    throw new Failure(
      `${title} has a NATS replica, for which this program has no proof that going back works. Stop the app and restore by hand: litestream restore -timestamp TIME -o FILE DATABASE`,
    );
}

/** An app whose databases can't be checked (a collation of its own) says so; all others are checked in full. */
function checks(
  { args = [] }: V1Container,
  plain: boolean,
): Pick<DeployedApp, "integrityCheck" | "quietSeconds"> {
  const declared = plain ? args[args.indexOf("-integrity-check") + 1] : args[2];
  const quiet = plain ? 3 : Number(args[4]);
  return {
    integrityCheck: declared === "none" ? "none" : "full",
    quietSeconds: Number.isInteger(quiet) ? quiet : 3,
  };
}
