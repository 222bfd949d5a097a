import { Cluster } from "./cluster";
import { eventually, run } from "./run";

/** A device plugin as the guides of LiteFS name it: it lets containers without privileges use /dev/fuse. */
export const DEVICE_MANAGER = "ghcr.io/smarter-project/smarter-device-manager:v1.20.12";

export const FUSE_RESOURCE = "smarter-devices/fuse";

/** Runs it on every node, in a namespace of its own; gives what takes it away. */
export async function startDevicePlugin(): Promise<() => Promise<void>> {
  const cluster = new Cluster("e2e-device-plugin");
  const { namespace } = cluster;
  const folders = { plugins: "/var/lib/kubelet/device-plugins", dev: "/dev", sys: "/sys" };
  const labels = { app: "device-plugin" };
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "config", namespace },
      data: { "conf.yaml": "- devicematch: ^fuse$\n  nummaxdevices: 20\n" },
    },
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "device-plugin", namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: "device-plugin",
                image: DEVICE_MANAGER,
                volumeMounts: [
                  { name: "config", mountPath: "/root/config" },
                  ...Object.entries(folders).map(([name, mountPath]) => ({ name, mountPath })),
                ],
              },
            ],
            volumes: [
              { name: "config", configMap: { name: "config" } },
              ...Object.entries(folders).map(([name, path]) => ({ name, hostPath: { path } })),
            ],
          },
        },
      },
    },
  ];
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(list) });
  await eventually("the nodes have the device", 60, async () => {
    const query = `jsonpath={.items[*].status.allocatable['${FUSE_RESOURCE}']}`;
    return Number(await run("kubectl", ["get", "nodes", "-o", query])) > 0;
  });
  return async () => void (await run("kubectl", ["delete", "namespace", namespace]));
}
