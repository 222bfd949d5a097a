import type { DeploymentV1SpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { CONTAINER, PORT } from "../kubernetes/names";
import { placementBlocks } from "../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import { LITEFS_DEFAULTS as D } from "./defaults";
import { ROUTER_PORT, routerName } from "./names";
import { spread } from "./pod";
import type { LitefsClusterProps } from "./props";

/** The user of the official image. */
const HAPROXY = { user: 99 };
const CONFIG = { name: "config", mountPath: "/usr/local/etc/haproxy", readOnly: true };

/** The pod of the router. It meets Pod Security `restricted`. */
export function routerPod(props: LitefsClusterProps): DeploymentV1SpecTemplateSpec {
  const { router = {} } = props;
  const name = routerName(props.name);
  const health = { httpGet: { path: "/litefs-router/health", port: PORT.app } };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 40,
    securityContext: podSecurityContext(HAPROXY),
    ...placementBlocks(props),
    topologySpreadConstraint: spread(name),
    container: [
      {
        name: CONTAINER.router,
        image: router.image ?? D.routerImage,
        command: ["haproxy"],
        // One process, in the foreground.
        args: ["-db", "-f", `${CONFIG.mountPath}/haproxy.cfg`],
        port: [{ name: PORT.app, containerPort: ROUTER_PORT }],
        resources: router.resources ?? D.routerResources,
        securityContext: containerSecurityContext(HAPROXY, { readOnlyRootFilesystem: true }),
        readinessProbe: { ...health, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 },
        livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
        // Services send no more requests by then; SIGUSR1 ends it when the last one is answered.
        lifecycle: {
          preStop: [{ exec: { command: ["sh", "-c", "sleep 3; kill -USR1 1; sleep 30"] } }],
        },
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMount: [CONFIG],
      },
    ],
    volume: [{ name: CONFIG.name, configMap: { name } }],
  };
}
