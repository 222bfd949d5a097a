/** `npm run restore`: takes an app's databases back to an older state, or leaves everything as it was. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { configMapName } from "../src/litestream/names";
import { findApp } from "./cluster/apps";
import type { Cluster } from "./cluster/client";
import { Failure, UsageFailure } from "./cluster/failure";
import { CLUSTER_USAGE, onlyApp, run } from "./cluster/program";
import { OPTIONS, type Request, request, USAGE } from "./restore/arguments";
import { readConfigMap } from "./restore/cluster";
import { type DeployedApp, deployedApp } from "./restore/deployed";
import { Interrupt } from "./restore/interrupt";
import { makePlan } from "./restore/plan";
import { restoreName } from "./restore/pod";
import { preflight } from "./restore/preflight";
import { planIn, refuseSecond, restore, resume } from "./restore/steps";
import { announcement, asksFor, NO_TERMINAL, QUESTION } from "./restore/words";

const tell = (line: string) => console.error(line);

void run({
  name: "restore",
  usage: `${USAGE}\n${CLUSTER_USAGE}`,
  options: OPTIONS,
  main: async ({ values, positionals, cluster }) => {
    const asked = request(values, new Date());
    const app = await deployed(cluster(), onlyApp(positionals), values.namespace);
    if (asked.resume) return carryOn(cluster(), app, asked);
    const plan = makePlan(app, asked, new Date());
    await refuseSecond(cluster(), app);
    const found = await preflight(cluster(), app, plan);
    console.error(announcement(plan, found, cluster().context));
    if (!(await agreed(asked))) {
      console.error("Nothing was done.");
      return 1;
    }
    return guarded((interrupt) =>
      restore({ ...asked, cluster: cluster(), app, plan, interrupt, tell }),
    );
  },
});

async function deployed(
  cluster: Cluster,
  reference: string,
  inNamespace: string | undefined,
): Promise<DeployedApp> {
  const { kind, name, namespace, statefulSet } = await findApp(cluster, reference, inNamespace);
  if (kind === "readers")
    throw new UsageFailure(
      `${namespace}/${name} are readers, which follow the replica of an app: restore that app.`,
    );
  const map = await readConfigMap(cluster, { name: configMapName(name), namespace });
  if (!map) throw new Failure(`${namespace}/${name} has no ConfigMap ${configMapName(name)}.`);
  return deployedApp(statefulSet, map);
}

async function carryOn(cluster: Cluster, app: DeployedApp, asked: Request): Promise<number> {
  const map = await readConfigMap(cluster, { ...app, name: restoreName(app.name) });
  const plan = planIn(map?.data);
  if (!map?.data || !plan)
    throw new Failure(`No restore of ${app.namespace}/${app.name} is under way.`);
  const { data } = map;
  return guarded((interrupt) => resume({ ...asked, cluster, app, plan, interrupt, tell }, data));
}

async function guarded(work: (interrupt: Interrupt) => Promise<number>): Promise<number> {
  const interrupt = new Interrupt(() =>
    tell("Interrupted: undoing what was done, and starting the app. Please wait."),
  );
  try {
    return await work(interrupt);
  } finally {
    interrupt.end();
  }
}

async function agreed(asked: Request): Promise<boolean> {
  switch (asksFor(asked, process.stdin.isTTY === true)) {
    case "go":
      return true;
    case "refuse":
      throw new UsageFailure(NO_TERMINAL);
    case "ask": {
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      // Ctrl-C and Ctrl-D are answers, too.
      const closed = once(terminal, "close").then(() => "");
      terminal.once("SIGINT", () => terminal.close());
      try {
        const answer = await Promise.race([terminal.question(QUESTION), closed]);
        return answer.trim() === "yes";
      } finally {
        terminal.close();
      }
    }
  }
}
