import type { Cluster } from "./cluster";
import { run } from "./run";

/** Runs a shell script with a claim at /data, which no other pod holds, as the app's user unless told otherwise. */
export async function onClaim(
  cluster: Cluster,
  claim: string,
  script: string,
  user = 1000,
): Promise<void> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "on-claim", namespace: cluster.namespace },
    spec: {
      restartPolicy: "Never",
      securityContext: {
        runAsUser: user,
        runAsNonRoot: user !== 0,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "shell",
          image: "litestream/litestream:0.5.16",
          command: ["sh", "-c", script],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
    },
  };
  await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(pod) });
  const done = "--for=jsonpath={.status.phase}=Succeeded";
  await cluster.kubectl("wait", done, "pod/on-claim", "--timeout=60s");
  await cluster.kubectl("delete", "pod", "on-claim");
}
