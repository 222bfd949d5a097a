import type { StatefulSetV1SpecTemplateSpecContainer } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { DEFAULTS } from "./defaults";
import { milliseconds } from "../kubernetes/duration";
import type { LitestreamAppProps } from "./props";

/**
 * Holds back the SIGTERM of an ordinary container until the app has had its time to stop: Kubernetes
 * tells all containers at once. The app's end can't be seen from here, as its processes are in a
 * namespace of their own and so are its file locks; sharing one would break images whose init must be process 1.
 * `preStop.sleep`, which needs no program, came with Kubernetes 1.30, after native sidecars.
 *
 * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
export function heldBack({
  stopTimeout = DEFAULTS.stopTimeout,
}: LitestreamAppProps): Pick<StatefulSetV1SpecTemplateSpecContainer, "lifecycle"> {
  const seconds = Math.ceil((milliseconds(String(stopTimeout)) ?? 0) / 1000);
  if (seconds === 0) return {};
  return { lifecycle: { preStop: [{ exec: { command: ["sleep", String(seconds)] } }] } };
}
