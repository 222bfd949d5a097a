import { readdirSync, readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";

const COMMAND: Record<string, string> = { app: "pocketbase", "litestream-sidecar": "litestream" };

/** `test`, or `test.skip` with the reason in its name where this machine is no node of the cluster. */
export const onNode = (name: string, body: () => Promise<void>) =>
  isNode()
    ? test(name, body)
    : test.skip(`${name} (skipped: this machine is no node of the cluster)`, body);

function isNode(): boolean {
  const query = "jsonpath={.items[*].status.addresses[*].address}";
  const nodes = execFileSync("kubectl", ["get", "nodes", "-o", query], { encoding: "utf8" });
  // An interface without pods behind it isn't listed by os.networkInterfaces().
  const routes = readFileSync("/proc/net/fib_trie", "utf8");
  const isOwn = (address: string) =>
    new RegExp(`\\|-- ${address.replaceAll(".", "\\.")}\\n\\s+/32 host LOCAL`).test(routes);
  return nodes.split(" ").some(isOwn);
}

/**
 * SIGKILL for the processes of containers, at once. Process 1 of a container ignores signals from
 * inside, so they are killed from the node, which must be this machine.
 */
export function killContainers(podUid: string, containers: readonly string[]): void {
  const commands = containers.map((container) => COMMAND[container] ?? container);
  const pids = readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && belongs(pid, podUid, commands),
  );
  if (pids.length < containers.length)
    throw new Error(`found ${pids.length} processes of ${containers.join(", ")} on this machine`);
  for (const pid of pids)
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      // The end of a container's first process is that of the others.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}

function belongs(pid: string, podUid: string, commands: readonly string[]): boolean {
  try {
    const cgroup = readFileSync(`/proc/${pid}/cgroup`, "utf8");
    const [name = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const inPod = cgroup.includes(podUid) || cgroup.includes(podUid.replaceAll("-", "_"));
    return inPod && commands.some((command) => name === command || name.endsWith(`/${command}`));
  } catch {
    return false; // It ended meanwhile.
  }
}
