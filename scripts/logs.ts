/** `npm run logs`: what the containers of an app say. */
import type { V1Pod } from "@kubernetes/client-node";
import { containerNames, findApp, type FoundApp, podOf, title } from "./cluster/apps";
import type { Cluster } from "./cluster/client";
import { Failure } from "./cluster/failure";
import { followLogs } from "./cluster/follow";
import { statusCode } from "./cluster/explain";
import { readLogs } from "./cluster/logs";
import { CLUSTER_USAGE, onlyApp, run } from "./cluster/program";
import { painter, Progress } from "./cluster/terminal";
import { containerStatuses, whyNotReady } from "./status/pods";
import { countOption, secondsOption } from "./text/duration";
import { type LogLine, logLine, merged, readable, shortTime } from "./text/log-line";

const USAGE = `Shows the logs of an app's pod: of its restore, of Litestream and of the app itself, by time.

usage: npm run --silent logs -- <app> [options]

  <app>              notes, or home/notes
  -f, --follow       goes on, also when a container is started again or the pod is replaced
  --since            no older lines: 90s, 1h
  --tail             the last lines only: 100
  --previous         of the run before the last restart
  --container        of one container only: app, litestream-sidecar, litestream-restore-snapshot
  --pod              number of the pod, for readers; 0 otherwise
  --raw              lines as they are
${CLUSTER_USAGE}

example: npm run --silent logs -- notes --since 1h`;

const paint = painter(process.stdout);

void run({
  name: "logs",
  usage: USAGE,
  options: {
    follow: { type: "boolean", short: "f" },
    since: { type: "string" },
    tail: { type: "string" },
    previous: { type: "boolean" },
    container: { type: "string" },
    pod: { type: "string" },
    raw: { type: "boolean" },
  },
  main: async ({ values, positionals, cluster: connected }) => {
    const reference = onlyApp(positionals);
    const { raw = false, previous = false, container, follow = false } = values;
    const wanted = {
      sinceSeconds: secondsOption("--since", values.since),
      tailLines: countOption("--tail", values.tail),
    };
    const number = countOption("--pod", values.pod) ?? 0;
    const cluster = connected();
    const app = await findApp(cluster, reference, values.namespace);
    const containers = containersOf(app, container);
    const width = Math.max(...containers.map(({ length }) => length));
    const print = (line: LogLine) => console.log(raw ? line.text : shown(line, width));
    if (follow && !previous) return followed(cluster, app, { containers, number, wanted, print });
    const pod = await podOf(cluster, app, number);
    if (!pod) throw new Failure(`${title(app)} has no pod now. Its reason: ${hint(app)}`);
    return shownOnce(cluster, app, pod, { containers, previous, wanted, print });
  },
});

function containersOf({ statefulSet, name }: FoundApp, container?: string): string[] {
  const all = containerNames(statefulSet.spec?.template.spec);
  if (container === undefined) return all;
  if (!all.includes(container))
    throw new Failure(`${name} has no container "${container}". There are: ${all.join(", ")}.`);
  return [container];
}

function hint({ name, namespace }: FoundApp): string {
  return `kubectl -n ${namespace} describe statefulset ${name}`;
}

interface Showing {
  readonly containers: readonly string[];
  readonly wanted: { readonly sinceSeconds?: number; readonly tailLines?: number };
  readonly print: (line: LogLine) => void;
}

async function shownOnce(
  cluster: Cluster,
  app: FoundApp,
  pod: V1Pod,
  { containers, previous, wanted, print }: Showing & { readonly previous: boolean },
): Promise<number> {
  const { namespace } = app;
  const progress = new Progress();
  const found = await Promise.all(
    containers.map(async (container) => {
      const status = containerStatuses(pod).find(({ name }) => name === container);
      const waits = status?.state?.waiting;
      if (!previous && (!status || (waits && status.restartCount === 0))) {
        progress.say(`${container} hasn't started yet${waits?.reason ? `: ${waits.reason}` : ""}`);
        return [];
      }
      try {
        const place = { namespace, pod: pod.metadata?.name ?? "", container };
        const lines = await readLogs(cluster, place, { ...wanted, previous, timestamps: true });
        return lines.map((line) => logLine(container, line));
      } catch (error) {
        if (statusCode(error) !== 400) throw error;
        progress.say(
          previous ? `${container} had no run before this one` : `${container} has no log yet`,
        );
        return [];
      }
    }),
  );
  const lines = merged(found);
  for (const line of wanted.tailLines === undefined ? lines : lines.slice(-wanted.tailLines))
    print(line);
  const why = whyNotReady(pod, new Date());
  if (why !== undefined) progress.say(`${title(app)} isn't ready: ${why}`);
  return 0;
}

async function followed(
  cluster: Cluster,
  app: FoundApp,
  { containers, number, wanted, print }: Showing & { readonly number: number },
): Promise<number> {
  const progress = new Progress();
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  let told: string | undefined;
  await followLogs(cluster, {
    pods: async () => {
      const pod = await podOf(cluster, app, number);
      const why = pod ? pod.metadata?.uid : `${title(app)} has no pod now: waiting for one`;
      if (!pod && why !== told) progress.say(why ?? "");
      told = why;
      return pod ? [pod] : [];
    },
    wants: (container) => containers.includes(container),
    onLine: (container, line) => print(logLine(container, line)),
    done: () => Promise.resolve(false),
    first: wanted,
    timestamps: true,
    signal: stopped.signal,
  });
  return 0;
}

const STYLE: Readonly<Record<string, "red" | "yellow" | "dim">> = {
  ERROR: "red",
  WARN: "yellow",
  DEBUG: "dim",
};

function shown({ time, container, text }: LogLine, width: number): string {
  const { level = "", text: told } = readable(text);
  const style = STYLE[level];
  const painted = style ? paint(style, told) : told;
  return `${paint("dim", shortTime(time))} ${paint("cyan", container.padEnd(width))} ${painted}`;
}
