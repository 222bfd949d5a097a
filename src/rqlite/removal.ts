import type { JobV1SpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/job-v1";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER, LABEL, partOf } from "../kubernetes/names";
import { placementBlocks } from "../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import { literal } from "../terraform/expression";
import type { RqliteConfig } from "./config";
import { nodesUserEnvironment, reachEnvironment } from "./environment";
import { HTTP_TLS_FOLDER } from "./names";
import { REMOVER } from "./network";
import type { RqliteClusterProps } from "./props";
import { removeScript } from "./scripts/remove";

/** How long one attempt of the Job may take: pods end, names are forgotten, all others answer. */
export function removalSeconds({ graceSeconds }: RqliteConfig): number {
  return graceSeconds + 180;
}

/** The pod that removes nodes: it has no right in Kubernetes, and asks the cluster by HTTP only. */
export function removalPod(
  props: RqliteClusterProps,
  config: RqliteConfig,
  before: number,
  namespace: string,
): { podLabels: Record<string, string>; spec: JobV1SpecTemplateSpec } {
  const { name, tls } = props;
  const gone = Array.from(
    { length: before - config.voters },
    (_, index) => `${name}-${config.voters + index}`,
  );
  const role = { cluster: name, namespace };
  return {
    podLabels: { [LABEL.component]: REMOVER, ...partOf(name) },
    spec: {
      restartPolicy: "Never",
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 10,
      securityContext: podSecurityContext(props),
      ...placementBlocks(props),
      container: [
        {
          name: CONTAINER.rqliteRemove,
          image: config.curlImage,
          command: ["sh", "-c", literal(removeScript), "remove.sh"],
          args: [String(removalSeconds(config)), String(config.voters), ...gone],
          env: environmentBlocks({
            ...reachEnvironment(role, config),
            ...nodesUserEnvironment(props),
          }),
          resources: {
            requests: { cpu: "10m", memory: "16Mi" },
            limits: { cpu: "500m", memory: "64Mi" },
          },
          securityContext: containerSecurityContext(props, { readOnlyRootFilesystem: true }),
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMount: [
            { name: "run", mountPath: "/run/remove" },
            ...(tls?.http
              ? [{ name: "http-tls", mountPath: HTTP_TLS_FOLDER, readOnly: true }]
              : []),
          ],
        },
      ],
      volume: [
        { name: "run", emptyDir: { medium: "Memory", sizeLimit: "4Mi" } },
        ...(tls?.http ? [authorityVolume(tls.http)] : []),
      ],
    },
  };
}

/** The authority's certificate without the key of the one that it signed. */
export function authorityVolume({
  secret,
}: NonNullable<NonNullable<RqliteClusterProps["tls"]>["http"]>) {
  return {
    name: "http-tls",
    secret: {
      secretName: secret.name,
      defaultMode: "0440",
      // Certificates of public authorities come without it.
      optional: true,
      items: [{ key: "ca.crt", path: "ca.crt" }],
    },
  };
}
