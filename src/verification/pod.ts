import type { CronJobV1SpecJobTemplateSpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import type { BackupSource } from "../kubernetes/backup";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER } from "../kubernetes/names";
import { nodeOf, placementBlocks } from "../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import { literal } from "../terraform/expression";
import type { BackupVerificationConfig } from "./config";
import { receiverEnvironment } from "./receiver";

/** The ConfigMap with the proof's program. */
const PROGRAM = { name: "verification", mountPath: "/etc/backup-verification" };
/** Where databases are restored, one after another. */
const PROOF = { name: "proof", mountPath: "/proof" };
/** What the proof tells the reporter. */
const REPORT = { name: "report", mountPath: "/report" };

/** Sending takes little, and must not fail for want of it. */
const REPORT_RESOURCES = {
  requests: { cpu: "10m", memory: "16Mi" },
  limits: { cpu: "100m", memory: "64Mi" },
};

/**
 * The pod of a verification: one container proves, another reports and carries the exit status. The first is a native
 * sidecar, so that the second runs, and reports, whatever becomes of it.
 */
export function verificationPod(
  app: { readonly name: string; readonly namespace: string },
  config: BackupVerificationConfig,
  source: BackupSource,
  configMap: string,
): CronJobV1SpecJobTemplateSpecTemplateSpec {
  const securityContext = containerSecurityContext(source.user, { readOnlyRootFilesystem: true });
  const terminationMessagePolicy = "FallbackToLogsOnError";
  const proof = {
    env: environmentBlocks({
      ...source.environment,
      PROOF_FOLDER: PROOF.mountPath,
      PROOF_LAG_SECONDS: String(config.maxLagSeconds),
      ...(config.sizeLimitBytes === undefined
        ? {}
        : { PROOF_SIZE_LIMIT: String(config.sizeLimitBytes) }),
      REPORT_FOLDER: REPORT.mountPath,
      // The root is read-only; a check of a large database sorts on disk.
      TMPDIR: PROOF.mountPath,
      SQLITE_TMPDIR: PROOF.mountPath,
    }),
    resources: config.resources,
    securityContext,
    terminationMessagePolicy,
    volumeMount: [
      { ...PROGRAM, readOnly: true },
      PROOF,
      REPORT,
      ...source.volumes.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
    ],
  };
  return {
    restartPolicy: "Never",
    serviceAccountName: source.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    securityContext: podSecurityContext(source.user),
    ...placementBlocks(source.placement),
    affinity: config.onNodeOfApp ? nodeOf(source.app.labels) : undefined,
    initContainer: [
      ...(source.before
        ? [
            {
              ...proof,
              name: CONTAINER.fetch,
              image: source.before.image,
              command: ["sh", `${PROGRAM.mountPath}/${source.before.script}`],
              // Half of the time, so that there is some left for the checks.
              args: [String(Math.floor(config.proofSeconds / 2)), ...source.before.args],
            },
          ]
        : []),
      {
        ...proof,
        name: CONTAINER.proof,
        image: config.image,
        command: ["perl", `${PROGRAM.mountPath}/prove.pl`],
        args: proofArguments(app, config, source),
      },
    ],
    container: [
      {
        name: CONTAINER.report,
        image: config.curlImage,
        command: ["sh", `${PROGRAM.mountPath}/report.sh`],
        args: reportArguments(app, config),
        env: environmentBlocks({
          ...receiverEnvironment(config.reports),
          REPORT_FOLDER: REPORT.mountPath,
        }),
        resources: REPORT_RESOURCES,
        securityContext,
        terminationMessagePolicy,
        volumeMount: [{ ...PROGRAM, readOnly: true }, REPORT],
      },
    ],
    volume: [
      { name: PROGRAM.name, configMap: { name: configMap } },
      { name: PROOF.name, emptyDir: { sizeLimit: config.sizeLimit } },
      { name: REPORT.name, emptyDir: { sizeLimit: "64Mi" } },
      ...source.volumes.map(({ name, volume }) => ({ name, ...volume })),
    ],
  };
}

function proofArguments(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  config: BackupVerificationConfig,
  source: BackupSource,
): string[] {
  return [
    String(source.before ? Math.floor(config.proofSeconds / 2) : config.proofSeconds),
    // An ordinary init container has to end before the reporter starts.
    source.nativeSidecars ? "stay" : "end",
    name,
    namespace,
    config.integrityCheck,
    config.foreignKeys ? "yes" : "no",
    ...config.assertions.flatMap(({ database }, index) => [String(index), literal(database)]),
  ];
}

function reportArguments(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  { deadlineSeconds, proofSeconds, sendSeconds, reports }: BackupVerificationConfig,
): string[] {
  return [
    name,
    namespace,
    // The proof ends itself when its time is up; this is for one that can't.
    String(proofSeconds + Math.min(15, Math.ceil(deadlineSeconds / 30))),
    String(sendSeconds),
    ...reports.flatMap(({ kind, when = "always" }) => [kind, when]),
  ];
}
