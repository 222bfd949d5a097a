import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { IngressV1 } from "@cdktf/provider-kubernetes/lib/ingress-v1";
import type { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import type { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type BackedUp, type BackupSource, sourceOf } from "../kubernetes/backup";
import { dashboardAnnotations } from "../kubernetes/dashboard";
import { makeIngress } from "../kubernetes/ingress-resource";
import { CONTAINER } from "../kubernetes/names";
import type { Owner } from "../kubernetes/owner";
import { requireKubernetesProvider } from "../kubernetes/provider";
import type { Schedule } from "../kubernetes/schedule";
import type { SecretReference } from "../kubernetes/secret";
import type { StatefulSet } from "../kubernetes/stateful-set";
import { check, claim } from "../terraform/checks";
import { literal, literals } from "../terraform/expression";
import { appConfig, directoryTemplate, type LitestreamAppConfig } from "./app-config";
import { appClaims } from "./app-claims";
import { appProblems } from "./app-problems";
import { REPLICA_PLACE, RESTORE_FROM_PLACE } from "./folders";
import { isClassic, isPlain, isVersion03 } from "./form";
import { litestreamFile } from "./keys";
import { listings } from "./list";
import { pod } from "./pod";
import type { LitestreamAppProps } from "./props";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { replicaSecrets } from "./replica";
import {
  filesAnnotations,
  makeConfigMap,
  makeFileMaps,
  makeService,
  makeServiceAccount,
  makeWorkload,
  podAnnotations,
} from "./resources";
import { operationConfig, restoreToConfig } from "./restore-point";
import { retentionProblems } from "./settings-problems";
import { appSummary } from "./summary";
import { nfsProblems } from "./nfs-problems";
import { guardScript, listScript, replicateScript, restoreScript } from "./scripts";
import { litestreamSource } from "./verification/source";
import { litestream03File } from "./version-03";

/**
 * One app with SQLite databases, replicated by Litestream: restored before it starts, followed while it
 * runs, synced a last time after it has stopped.
 *
 * Always a StatefulSet with one pod, also on ephemeral storage: a Deployment starts the next pod
 * while the last one is still ending, and two writers on one replica lose each other's rows.
 *
 * What is wrong with the props is reported at synth, together with the problems of all other
 * constructs of the tree; the constructor doesn't throw.
 *
 * Not backed up: everything on `volumes`, and on `storage` everything but the databases.
 *
 * @see https://litestream.io/guides/kubernetes/
 */
export class LitestreamApp extends Construct implements BackedUp {
  /** The name of everything in Kubernetes that belongs to the app. */
  readonly name: string;
  readonly namespace: string;
  /** The declaration, and what it comes to with every default filled in. */
  readonly props: LitestreamAppProps;
  readonly config: LitestreamAppConfig;

  readonly workload!: StatefulSet;
  readonly service!: ServiceV1;
  readonly ingress?: IngressV1;
  readonly configMap!: ConfigMapV1;
  /** Of `configFiles`: those that were made here. */
  readonly fileMaps: readonly ConfigMapV1[] = [];
  readonly serviceAccount!: ServiceAccountV1;

  private readonly proofs: Schedule[] = [];
  private readonly problems: readonly Problem[];

  constructor(scope: Construct, id: string, props: LitestreamAppProps) {
    super(scope, id);
    const { name = id, namespace } = props;
    this.name = name;
    this.namespace = typeof namespace === "string" ? namespace : (namespace?.name ?? "");
    this.props = props;

    const [config, problems] = read(name, props);
    this.config = config;
    this.problems = problems;
    requireKubernetesProvider(this);
    check(this, () => problems);
    check(this, () => (this.workload ? retentionProblems(config, this.proofs) : []));
    check(this, () => nfsProblems(this));
    claim(this, () => (problems.length === 0 ? appClaims(this, this.workload) : []));

    try {
      const { owner } = this;
      this.configMap = makeConfigMap(this, owner, this.files());
      this.fileMaps = makeFileMaps(this, owner, props.configFiles);
      this.serviceAccount = makeServiceAccount(this, owner, [props.restoreFrom, props.replica]);
      const { metricsPort } = config;
      this.service = makeService(this, owner, { port: props.port, metricsPort });
      this.workload = this.makeWorkload();
      this.ingress = this.makeIngress();
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
  }

  /** What the app comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    return appSummary(this.name, this.props, this.config);
  }

  backupSource(): BackupSource | undefined {
    const { owner, props, config, workload, problems } = this;
    return sourceOf(workload, problems, () => litestreamSource(owner, props, config));
  }

  provenOn(schedule: Schedule): void {
    this.proofs.push(schedule);
  }

  private get owner(): Owner {
    const { namespace, provider } = this.props;
    return { name: this.name, namespace, provider };
  }

  private makeWorkload(): StatefulSet {
    const { props } = this;
    const { spec, claims } = pod(this, props, this.config);
    const secrets = this.secrets();
    const keep = props.disposable ? "Delete" : "Retain";
    return makeWorkload(this, this.owner, {
      replicas: "1",
      nativeSidecars: isClassic(props) ? [] : [CONTAINER.litestream],
      annotations: {
        ...literals(props.podAnnotations ?? {}),
        ...podAnnotations(this.configMap, secrets, [props.restoreFrom, props.replica]),
        ...filesAnnotations(this.fileMaps),
      },
      pod: spec,
      claims: {
        persistentVolumeClaimRetentionPolicy:
          claims.length === 0 ? undefined : [{ whenDeleted: keep, whenScaled: "Retain" }],
        volumeClaimTemplate: claims,
      },
      dependsOn: [
        ...[this.configMap, ...this.fileMaps].map((map) => map as ITerraformDependable),
        this.serviceAccount as ITerraformDependable,
        this.service as ITerraformDependable,
        ...secrets.map(({ resource }) => resource),
      ],
    });
  }

  private makeIngress(): IngressV1 | undefined {
    const { ingress, dashboard } = this.props;
    if (ingress === undefined) return undefined;
    const more = dashboard && dashboardAnnotations(this.name, dashboard, ingress);
    return makeIngress(this, this.owner, ingress, this.service as ITerraformDependable, more);
  }

  /** The Secrets that Litestream's containers use, each once. */
  private secrets(): SecretReference[] {
    const { replica, restoreFrom, litestream } = this.props;
    const secrets = [
      ...replicaSecrets(replica),
      ...(restoreFrom ? replicaSecrets(restoreFrom) : []),
      ...(litestream?.heartbeatUrl ? [litestream.heartbeatUrl.secret] : []),
    ];
    return secrets.filter((secret, index) => secrets.indexOf(secret) === index);
  }

  /** What the ConfigMap holds. */
  private files(): Record<string, string> {
    const { litestream, restoreFrom } = this.config;
    if (isVersion03(this.props)) return { "litestream.yml": litestream03File(litestream) };
    if (isPlain(this.props)) return { "litestream.yml": litestreamFile(litestream) };
    return {
      ...this.directoryFiles(),
      ...this.restoreToFiles(),
      "litestream.yml": litestreamFile(litestream),
      ...(restoreFrom ? { "restore-from.yml": litestreamFile(restoreFrom) } : {}),
      "restore.sh": literal(restoreScript),
      "replicate.sh": literal(replicateScript),
      ...(listings(this.props, this.config).length > 0 ? { "list.sh": literal(listScript) } : {}),
      "guard.sh": literal(guardScript),
    };
  }

  private restoreToFiles(): Record<string, string> {
    const { replica, restoreTo } = this.props;
    if (!restoreTo) return {};
    return {
      "restore-to.yml": litestreamFile(restoreToConfig(restoreTo, replica, this.config)),
      "operation.yml": litestreamFile(operationConfig(restoreTo, replica, this.config)),
    };
  }

  /** The entry that restore.sh makes for each database of a directory. */
  private directoryFiles(): Record<string, string> {
    const { replica, restoreFrom } = this.props;
    const files = this.config.directories.flatMap((one, index) => {
      const template = directoryTemplate(one, replica, REPLICA_PLACE);
      const other = restoreFrom && directoryTemplate(one, restoreFrom, RESTORE_FROM_PLACE);
      return [
        [`directory-${index}.yml`, litestreamFile(template)],
        ...(other ? [[`restore-from-directory-${index}.yml`, litestreamFile(other)]] : []),
      ];
    });
    return Object.fromEntries(files) as Record<string, string>;
  }
}

/**
 * The configuration of an app, and what is wrong with its props. Props that can't even be read, which a
 * type check would have found, are a problem like any other.
 */
function read(name: string, props: LitestreamAppProps): [LitestreamAppConfig, Problem[]] {
  try {
    const config = appConfig(props);
    return [config, appProblems(name, props, config)];
  } catch (error) {
    return [
      appConfig({ ...props, databases: [], volumes: [], litestream: {} }),
      [unreadableProblem(error)],
    ];
  }
}
