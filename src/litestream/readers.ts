import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import type { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { CONTAINER } from "../kubernetes/names";
import type { Owner } from "../kubernetes/owner";
import { requireKubernetesProvider } from "../kubernetes/provider";
import type { StatefulSet } from "../kubernetes/stateful-set";
import { check } from "../terraform/checks";
import { asText, literals } from "../terraform/expression";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { LitestreamApp } from "./app";
import { type LitestreamReadersConfig, readersConfig } from "./readers/config";
import { followerFiles } from "./readers/files";
import { readersPod } from "./readers/pod";
import { appMissing, readersProblems } from "./readers/problems";
import type { LitestreamReadersProps } from "./readers/props";
import { readersSummary } from "./readers/summary";
import { replicaSecrets } from "./replica";
import { litestreamFile } from "./keys";
import {
  makeConfigMap,
  makeService,
  makeServiceAccount,
  makeWorkload,
  podAnnotations,
} from "./resources";

/**
 * Pods that follow the replica of an app, with a Service of their own: for what only reads. Each holds a
 * copy of the app's databases that is a second or two old, under the same paths, on a mount that can't be
 * written to. The app in them must open them read-only, with a busy timeout of 5 s or more. A reader that
 * lags by more than `maxLag` isn't ready.
 *
 * How far a database lags stands in `/run/litestream-readers/<path of the database>.json`, in the metric
 * `litestream_reader_lag_seconds`, and in what `kubectl describe pod` says of a pod that isn't ready.
 *
 * Readers take nothing over when the app fails: they only read.
 *
 * @see https://litestream.io/reference/restore/
 */
export class LitestreamReaders extends Construct {
  /** The name of everything in Kubernetes that belongs to the readers. */
  readonly name: string;
  readonly namespace: string;
  /** The declaration, and what it comes to with every default filled in. */
  readonly props: LitestreamReadersProps;
  readonly config!: LitestreamReadersConfig;

  readonly workload!: StatefulSet;
  readonly service!: ServiceV1;
  readonly configMap!: ConfigMapV1;
  readonly serviceAccount!: ServiceAccountV1;

  constructor(scope: Construct, id: string, props: LitestreamReadersProps) {
    super(scope, id);
    const of = props?.of;
    const app = of instanceof LitestreamApp ? of : undefined;
    this.name = props?.name ?? `${app?.name ?? id}-readers`;
    this.namespace = app?.namespace ?? "";
    this.props = props;

    requireKubernetesProvider(this);
    // An app whose own props can't be read has no resources; that is reported there.
    if (!app?.workload) {
      check(this, () => (app ? [] : [appMissing(of)]));
      return;
    }
    const [config, problems] = read(this.name, props);
    check(this, () => problems);
    if (!config) return;
    this.config = config;
    try {
      const { owner } = this;
      this.configMap = makeConfigMap(this, owner, {
        "litestream.yml": litestreamFile(config.litestream),
        ...literals(followerFiles),
      });
      this.serviceAccount = makeServiceAccount(this, owner, [app.props.replica]);
      this.service = makeService(this, owner, config);
      this.workload = this.makeWorkload();
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
  }

  /** What the readers come to, for a person to read before deploying them: headings and texts. */
  summary(): [string, string][] {
    return readersSummary(this.props, this.config);
  }

  private get owner(): Owner {
    const { namespace, provider } = this.props.of.props;
    return { name: this.name, namespace, provider };
  }

  private makeWorkload(): StatefulSet {
    const { name, props, config } = this;
    const app = props.of;
    const secrets = replicaSecrets(app.props.replica);
    return makeWorkload(this, this.owner, {
      replicas: asText(config.replicas),
      nativeSidecars: [CONTAINER.follower],
      annotations: podAnnotations(this.configMap, secrets, [app.props.replica]),
      pod: readersPod(name, props, config),
      dependsOn: [
        this.configMap as ITerraformDependable,
        this.serviceAccount as ITerraformDependable,
        this.service as ITerraformDependable,
        app.workload as ITerraformDependable,
        ...secrets.map(({ resource }) => resource),
      ],
    });
  }
}

/**
 * The configuration of some readers, and what is wrong with their props. Props that can't even be read,
 * which a type check would have found, are a problem like any other.
 */
function read(
  name: string,
  props: LitestreamReadersProps,
): [LitestreamReadersConfig | undefined, Problem[]] {
  try {
    const config = readersConfig(props);
    return [config, readersProblems(name, props, config)];
  } catch (error) {
    return [undefined, [unreadableProblem(error)]];
  }
}
