import { title } from "../cluster/apps";
import { ago } from "../text/age";
import type { AppState, DatabaseState, Problem, VerificationState } from "./state";

/** What of an app needs a person, and what to run next. */
export function problemsOf(app: AppState, now: Date): Problem[] {
  return [
    ...podProblems(app),
    ...replicationProblems(app),
    ...app.verifications.flatMap((one) => verificationProblems(app, one, now)),
  ];
}

function podProblems(app: AppState): Problem[] {
  const { name, namespace, kind, pods } = app;
  if (pods.wanted === 0) {
    const command = `kubectl -n ${namespace} scale statefulset/${name} --replicas=1`;
    // Readers may be left out for good.
    return kind === "readers" ? [] : [{ text: `${title(app)} is stopped: scaled to 0`, command }];
  }
  if (pods.ready >= pods.wanted) return [];
  const command =
    kind === "readers" || pods.notReady === "there is no pod" || pods.notReady?.includes("no node")
      ? `kubectl -n ${namespace} describe ${pods.notReady === "there is no pod" ? `statefulset/${name}` : `pod -l app.kubernetes.io/name=${name}`}`
      : run("logs", app);
  return [{ text: `${title(app)} isn't ready: ${pods.notReady ?? "not known why"}`, command }];
}

const WRONG: Partial<Record<DatabaseState["state"], string>> = {
  behind: "the backup is behind",
  ahead: "the replica is ahead of the app",
  unreachable: "the replica can't be reached",
  never: "there is no backup",
};

function replicationProblems(app: AppState): Problem[] {
  const { replication } = app;
  if (!replication) return [];
  // Why nothing is known of an app that isn't ready is said already.
  if (replication.unknown !== undefined)
    return app.pods.ready < app.pods.wanted || app.pods.wanted === 0
      ? []
      : [
          {
            text: `${title(app)}: how far the backup is isn't known: ${replication.unknown}`,
            command: run("logs", app),
          },
        ];
  const wrong = replication.databases.filter(({ state }) => WRONG[state] !== undefined);
  const [first, ...others] = wrong;
  if (!first) return [];
  const where = others.length > 0 ? `${first.path} and ${others.length} more` : first.path;
  return [
    {
      text: `${title(app)}: ${WRONG[first.state]} (${where}): ${first.reason}`,
      command: run("logs", app, "--since 10m"),
    },
  ];
}

function verificationProblems(app: AppState, one: VerificationState, now: Date): Problem[] {
  const found: Problem[] = [];
  if (one.outcome === "failed")
    found.push({
      text: `${title(app)}: ${one.name} failed ${one.at ? ago(new Date(one.at), now) : ""}: ${one.reason}`,
      command: `kubectl -n ${app.namespace} logs job/${one.job} --all-containers`,
    });
  if (one.outcome === "unknown" && !one.running)
    found.push({
      text: `${title(app)}: how ${one.name} ended isn't known: ${one.reason}`,
      command: proveAgain(app, one),
    });
  if (one.missed && !one.running)
    found.push({
      text: `${title(app)}: ${one.name} is overdue: nothing ran at ${one.missed}`,
      command: proveAgain(app, one),
    });
  return found;
}

function proveAgain(app: AppState, { name }: VerificationState): string {
  return run("verify", app, ...(app.verifications.length > 1 ? [`--name ${name}`] : []));
}

function run(script: string, { name, namespace }: AppState, ...more: string[]): string {
  return [`npm run ${script} -- ${name} -n ${namespace}`, ...more].join(" ");
}
