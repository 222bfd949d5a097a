import { Replica, Report, Schedule, WorkloadIdentity } from "../../src";
import { podOf, S3, token, url, verificationOf } from "../support/verification";

const ON_A_CLAIM = { replica: Replica.file({ claim: { size: "5Gi" } }) };
const CLASSIC = { sidecar: "classic", replica: S3 } as const;
const proofOf = (objects: Record<string, any>) => podOf(objects).initContainers.at(-1);
const reportOf = (objects: Record<string, any>) => podOf(objects).containers[0];
const every = (objects: Record<string, any>): any[] => [
  ...podOf(objects).initContainers,
  ...podOf(objects).containers,
];

test("a CronJob runs one proof after another, and keeps some", () => {
  const { CronJob } = verificationOf({ deadline: "20m" });
  expect(CronJob.metadata).toMatchObject({ name: "notes-verify", namespace: "notes" });
  const { jobTemplate, ...spec } = CronJob.spec;
  expect(spec).toEqual({
    schedule: "0 2 * * 6",
    timeZone: "Etc/UTC",
    suspend: false,
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 21_600,
    failedJobsHistoryLimit: 3,
    successfulJobsHistoryLimit: 1,
  });
  const { template: _, ...job } = jobTemplate.spec;
  expect(job).toEqual({
    activeDeadlineSeconds: 1200,
    completions: 1,
    parallelism: 1,
    manualSelector: false,
    backoffLimit: 1,
    ttlSecondsAfterFinished: 30 * 24 * 3600,
    podFailurePolicy: {
      rules: [
        {
          action: "FailJob",
          onExitCodes: {
            containerName: "backup-verification-report",
            operator: "In",
            values: [1, 2, 3],
          },
        },
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
  });
});

test("the CronJob, its Jobs and their pods say whose backup they prove", () => {
  const { CronJob } = verificationOf({ name: "weekly" });
  const { jobTemplate } = CronJob.spec;
  const all = [CronJob, jobTemplate, jobTemplate.spec.template];
  expect(all.map(({ metadata }) => metadata.labels)).toEqual(
    all.map(() => ({
      "app.kubernetes.io/name": "weekly",
      "app.kubernetes.io/component": "backup-verification",
      "app.kubernetes.io/part-of": "notes",
      "app.kubernetes.io/managed-by": "cdktf-sqlite",
    })),
  );
});

test("a schedule is taken as it is", () => {
  const schedule = Schedule.cron("30 4 * * 1", { timeZone: "Europe/Berlin" });
  expect(verificationOf({ schedule }).CronJob.spec).toMatchObject({
    schedule: "30 4 * * 1",
    timeZone: "Europe/Berlin",
  });
  const weekly = Schedule.weekly({ timeZone: "Europe/Berlin" });
  expect(verificationOf({ schedule: weekly }).CronJob.spec).toMatchObject({
    schedule: "0 2 * * 6",
    timeZone: "Europe/Berlin",
  });
});

test("the proof is a native sidecar, and stays, where the app's Litestream is one", () => {
  const proof = proofOf(verificationOf());
  expect(proof).toMatchObject({ name: "backup-verification", restartPolicy: "Always" });
  expect(proof.args).toEqual(["675", "stay", "notes", "notes", "full", "no"]);
});

test("the proof is an ordinary init container, and ends, where the app's Litestream is none", () => {
  const proof = proofOf(verificationOf({}, CLASSIC));
  expect(proof.restartPolicy).toBeUndefined();
  expect(proof.args[1]).toBe("end");
});

test("containers, their arguments and images", () => {
  const objects = verificationOf(
    {
      integrityCheck: "quick",
      foreignKeys: true,
      curlImage: "curl:1",
      assertions: [
        { sql: "SELECT 1", database: "/data/a.db" },
        { sql: "SELECT 2", equals: 2, database: "/data/b.db" },
      ],
      reports: [Report.healthchecks({ url }), Report.slack({ url, when: "failure" })],
    },
    { databases: ["/data/a.db", "/data/b.db"] },
  );
  expect(proofOf(objects)).toMatchObject({
    image: "litestream/litestream:0.5.16",
    command: ["perl", "/etc/backup-verification/prove.pl"],
    args: ["675", "stay", "notes", "notes", "quick", "yes", "0", "/data/a.db", "1", "/data/b.db"],
  });
  expect(reportOf(objects)).toMatchObject({
    name: "backup-verification-report",
    image: "curl:1",
    command: ["sh", "/etc/backup-verification/report.sh"],
    args: ["notes", "notes", "690", "135", "healthchecks", "always", "slack", "failure"],
  });
  expect(objects.ConfigMap.data).toMatchObject({
    "assertion-0.sql": "SELECT 1",
    "assertion-0.expected": "1",
    "assertion-1.sql": "SELECT 2",
    "assertion-1.expected": "2",
    databases: "/data/a.db\n/data/b.db\n",
  });
});

test.each([
  ["native", {}],
  ["classic", CLASSIC],
  ["on a claim", ON_A_CLAIM],
  ["version 0.3", { version: "0.3", whenVolumeIsOlder: "keep", restoreIntegrityCheck: "none" }],
] as [string, object][])("every container meets Pod Security restricted: %s", (_, app) => {
  const objects = verificationOf({}, app);
  expect(podOf(objects).securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(every(objects).length).toBeGreaterThan(1);
  for (const container of every(objects))
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
  const allowed = ["configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"];
  for (const { name: __, ...source } of podOf(objects).volumes)
    expect(allowed).toContain(Object.keys(source)[0]);
});

test("the pod has the app's account, but no token of the cluster", () => {
  expect(podOf(verificationOf())).toMatchObject({
    serviceAccountName: "notes",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
  });
});

test("the pod runs as the app's user, where the app may run", () => {
  const placement = {
    imagePullSecrets: ["pull"],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "db", operator: "Exists" as const }],
    priorityClassName: "high",
  };
  const pod = podOf(verificationOf({}, { ...placement, user: 1234 }));
  expect(pod).toMatchObject({
    imagePullSecrets: [{ name: "pull" }],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "db", operator: "Exists" }],
    priorityClassName: "high",
    securityContext: { runAsUser: 1234 },
  });
});

test("URLs, tokens and keys are in Secrets only", () => {
  const objects = verificationOf({
    reports: [Report.ntfy({ url, token }), Report.gotify({ url, token }), Report.slack({ url })],
  });
  const ref = (key: string) => ({ secretKeyRef: { name: "receivers", key } });
  expect(reportOf(objects).env).toEqual([
    { name: "REPORT_0_URL", valueFrom: ref("url") },
    { name: "REPORT_0_TOKEN", valueFrom: ref("token") },
    { name: "REPORT_1_URL", valueFrom: ref("url") },
    { name: "REPORT_1_TOKEN", valueFrom: ref("token") },
    { name: "REPORT_2_URL", valueFrom: ref("url") },
    { name: "REPORT_FOLDER", value: "/report" },
  ]);
  const keys = proofOf(objects).env.filter(({ valueFrom }: any) => valueFrom);
  expect(keys.map(({ valueFrom }: any) => valueFrom.secretKeyRef.name)).toEqual(["keys", "keys"]);
  expect(JSON.stringify(every(objects).map(({ args }) => args))).not.toMatch(/receivers|keys/);
});

test("what the app has is mounted read-only; the proof writes to folders of its own", () => {
  const objects = verificationOf({ sizeLimit: "3Gi" }, ON_A_CLAIM);
  const mounts = proofOf(objects).volumeMounts;
  const writable = mounts.filter(({ readOnly }: any) => !readOnly);
  expect(writable.map(({ mountPath }: any) => mountPath)).toEqual(["/proof", "/report"]);
  expect(reportOf(objects).volumeMounts).toEqual([
    { name: "verification", mountPath: "/etc/backup-verification", readOnly: true },
    { name: "report", mountPath: "/report" },
  ]);
  expect(podOf(objects).volumes).toEqual([
    { name: "verification", configMap: { name: "notes-verify" } },
    { name: "proof", emptyDir: { sizeLimit: "3Gi" } },
    { name: "report", emptyDir: { sizeLimit: "64Mi" } },
    { name: "litestream-config", configMap: { name: "notes-litestream" } },
    { name: "replica", persistentVolumeClaim: { claimName: "replica-notes-0" } },
  ]);
});

test("a restored database may take as much as the app's storage has", () => {
  expect(podOf(verificationOf()).volumes[1].emptyDir).toEqual({ sizeLimit: "1Gi" });
});

const ON_ITS_NODE = {
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: { matchLabels: { "app.kubernetes.io/name": "notes" } },
        topologyKey: "kubernetes.io/hostname",
      },
    ],
  },
};
const MADE_ELSEWHERE = { replica: Replica.file({ existingClaim: "nfs", path: "notes" }) };

test.each<[string, object, object, unknown]>([
  ["for a bucket", {}, {}, undefined],
  ["for a replica on the app's claim", {}, ON_A_CLAIM, ON_ITS_NODE],
  ["for a replica on a claim made elsewhere", {}, MADE_ELSEWHERE, undefined],
  ["for one that is said to need it", { onNodeOfApp: true }, MADE_ELSEWHERE, ON_ITS_NODE],
])("the app's node: %s", (_, props, app, affinity) => {
  expect(podOf(verificationOf(props, app)).affinity).toEqual(affinity);
});

test("an identity of the app's in its cloud is the proof's, and not the reporter's", () => {
  const credentials = WorkloadIdentity.aws({ roleArn: "arn:aws:iam::111122223333:role/notes" });
  const replica = Replica.s3({ ...S3, region: "eu-central-1", credentials });
  const objects = verificationOf({}, { replica });
  const names = (container: any) => container.env.map(({ name }: any) => name);
  expect(names(proofOf(objects))).toContain("AWS_ROLE_ARN");
  expect(names(reportOf(objects))).toEqual(["REPORT_FOLDER"]);
  expect(objects.CronJob.spec.jobTemplate.spec.template.metadata.annotations).toMatchObject({
    "eks.amazonaws.com/skip-containers": "backup-verification-report",
  });
});

test("another program is another pod: its checksum stands there", () => {
  const annotation = (props: object) =>
    verificationOf(props).CronJob.spec.jobTemplate.spec.template.metadata.annotations[
      "cdktf-sqlite/config-checksum"
    ];
  expect(annotation({})).toMatch(/^[0-9a-f]{64}$/);
  expect(annotation({})).toBe(annotation({}));
  expect(annotation({ assertions: [{ sql: "SELECT 1" }] })).not.toBe(annotation({}));
});
