import {
  BackupVerification,
  LitestreamApp,
  manifests,
  type Receiver,
  Replica,
  Report,
  Schedule,
} from "../../src";
import { good, newApp, ownStack, synthesized } from "../support/synth";
import { S3, url, verificationOf, verified } from "../support/verification";

const NAME = "app.kubernetes.io/name";
const PODS = { [NAME]: "notes-verify", "app.kubernetes.io/component": "backup-verification" };
const DNS = {
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};
const METRICS = {
  ports: [{ port: 9090, protocol: "TCP" }],
  to: [{ podSelector: { matchLabels: { [NAME]: "notes" } } }],
};
const HTTPS = { ports: [{ port: 443, protocol: "TCP" }] };

describe("the network policy", () => {
  test("lets the proof's pods out only to what it needs, and nothing in", () => {
    const { NetworkPolicy, CronJob } = verificationOf();
    expect(NetworkPolicy.spec).toEqual({
      podSelector: { matchLabels: PODS },
      policyTypes: ["Ingress", "Egress"],
      egress: [DNS, METRICS, HTTPS],
    });
    const { labels } = CronJob.spec.jobTemplate.spec.template.metadata;
    expect(labels).toMatchObject(PODS);
  });

  const receivers: [string, Receiver[], object[]][] = [
    ["nobody", [], []],
    ["somebody on the internet", [Report.slack({ url })], [HTTPS]],
    [
      "somebody on another port",
      [Report.slack({ url, port: 8443 })],
      [{ ports: [{ port: 8443, protocol: "TCP" }] }],
    ],
    [
      "somebody in the cluster",
      [Report.ntfy({ url, port: 80, namespace: "ntfy" })],
      [
        { ports: [{ port: 80, protocol: "TCP" }] },
        {
          ports: [{ protocol: "TCP" }],
          to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ntfy" } } }],
        },
      ],
    ],
  ];
  test.each(receivers)("of a verification that tells %s", (_, reports, rules) => {
    const replica = Replica.file({ claim: { size: "5Gi" } });
    expect(verificationOf({ reports }, { replica }).NetworkPolicy.spec.egress).toEqual([
      DNS,
      METRICS,
      ...rules,
    ]);
  });

  test("follows the app's port of metrics", () => {
    const { egress } = verificationOf({}, { metricsPort: 9999 }).NetworkPolicy.spec;
    expect(egress[1].ports).toEqual([{ port: 9999, protocol: "TCP" }]);
  });

  test("is left out when nobody wants it", () => {
    expect(Object.keys(verificationOf({ networkPolicy: false })).sort()).toEqual([
      "ConfigMap",
      "CronJob",
    ]);
  });

  test("that lets the proof in to the app's metrics is made when somebody wants it", () => {
    expect(verificationOf().openMetrics).toBeUndefined();
    const { openMetrics } = verificationOf({ openMetrics: true });
    expect(openMetrics.metadata).toMatchObject({
      name: "notes-verify-metrics",
      namespace: "notes",
    });
    expect(openMetrics.spec).toEqual({
      podSelector: { matchLabels: { [NAME]: "notes" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: PODS } }],
          ports: [{ port: 9090, protocol: "TCP" }],
        },
      ],
    });
  });
});

test("the stack's output has the command for a proof now", () => {
  const { tree, verification } = verified();
  const command =
    "kubectl -n notes create job --from=cronjob/notes-verify notes-verify-$(date +%s)";
  expect((synthesized(tree) as any).output).toEqual({
    verify_notes_notes: { value: command, description: "Has the backup of notes proven now" },
  });
  expect(verification.command).toBe(command);
});

describe("in the night", () => {
  /** Cron lines by the name of the app, of verifications in two stacks of one tree. */
  function lines(names: readonly string[], schedules: Record<string, Schedule> = {}) {
    const tree = newApp();
    const stacks = [ownStack(tree, "one"), ownStack(tree, "two")] as const;
    const made = names.map((name, index) => {
      const stack = stacks[index % 2] ?? stacks[0];
      const replica = { ...S3, path: name } as Replica;
      const of = new LitestreamApp(stack, name, { ...good(name), replica });
      const schedule = schedules[name];
      const { config } = new BackupVerification(stack, `${name}-verify`, { of, schedule });
      return [name, config.schedule.cron] as const;
    });
    return { tree, cron: Object.fromEntries(made) };
  }
  const apps = (count: number) => Array.from({ length: count }, (_, index) => `app-${index}`);

  test("verifications come one after the other, over all stacks of a tree", () => {
    const { tree, cron } = lines(["a", "b", "c", "d"]);
    expect(cron).toEqual({
      a: "0 2 * * 6",
      b: "15 2 * * 6",
      c: "30 2 * * 6",
      d: "45 2 * * 6",
    });
    const jobs = manifests(synthesized(tree, "two")).filter(({ kind }) => kind === "CronJob");
    expect(jobs.map(({ spec }: any) => spec.schedule)).toEqual([cron.b, cron.d]);
  });

  test("one with a line of its own takes nobody's place", () => {
    expect(lines(["a", "b", "c"], { b: Schedule.cron("0 2 * * 6") }).cron).toEqual({
      a: "0 2 * * 6",
      b: "0 2 * * 6",
      c: "15 2 * * 6",
    });
  });

  test("forty are all alone, and one more moves none of them", () => {
    const forty = lines(apps(40)).cron;
    expect(new Set(Object.values(forty)).size).toBe(40);
    const more = lines(apps(41)).cron;
    expect(more).toMatchObject(forty);
    expect(Object.values(forty)).not.toContain(more["app-40"]);
  });
});

describe("the summary", () => {
  const told = (props: object) => Object.fromEntries(verified(props).verification.summary());

  test("says what runs when, and who hears of it", () => {
    const reports = [Report.healthchecks({ url }), Report.slack({ url })];
    expect(told({ reports })).toEqual({
      proves: "the backup of notes",
      runs: "0 2 * * 6 (Etc/UTC), 15 minutes at most",
      tells: "healthchecks, slack",
    });
  });

  test("warns where nobody hears of a proof that doesn't run, or of any", () => {
    const silent = "nobody is told of a proof that doesn't run: add Report.healthchecks";
    expect(told({ reports: [Report.slack({ url })] })).toMatchObject({
      tells: "slack",
      "never started": silent,
    });
    expect(told({})).toMatchObject({
      tells: "nobody: a failure shows at the Job only",
      "never started": silent,
    });
  });

  test("says which one shares the night with another", () => {
    const tree = newApp();
    const stack = ownStack(tree);
    const of = new LitestreamApp(stack, "notes", { ...good("notes"), replica: S3 });
    const all = Array.from(
      { length: 41 },
      (_, index) => new BackupVerification(stack, `v${index}`, { of, name: `v${index}` }),
    );
    expect(Object.fromEntries(all[39]?.summary() ?? [])).not.toHaveProperty("not alone");
    expect(Object.fromEntries(all[40]?.summary() ?? [])["not alone"]).toBe(
      "the night has 40 places, and this is proof 41: it overlaps with others",
    );
  });
});
