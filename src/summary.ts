import { relative } from "node:path";
import { type App, TerraformResource, TerraformStack } from "cdktf";
import { LogAlerts } from "./alerting/alerts";
import { LitefsCluster } from "./litefs/cluster";
import { LitestreamApp } from "./litestream/app";
import { LitestreamReaders } from "./litestream/readers";
import { RqliteCluster } from "./rqlite/cluster";
import { BackupBucket } from "./services/bucket";
import { VerificationCheck } from "./services/check";
import { BackupUser } from "./services/user";
import { isExpression } from "./terraform/expression";
import { BackupVerification } from "./verification/verification";

/**
 * Synthesizes all stacks and tells about some of them, on standard output. What is wrong in the
 * declarations goes to standard error without a stack trace, and the program will exit with 1.
 *
 * @param stackIds as {@link summary} takes them
 */
export function synthesize(app: App, stackIds: readonly string[] = []): void {
  try {
    app.synth();
    console.log(summary(app, stackIds));
  } catch (error) {
    const { message } = error as Error;
    if (!/^Validation failed|^There is no stack/.test(message)) throw error;
    console.error(message.replace(/\n*If you wish to ignore these validations[^\n]*\n?/, ""));
    process.exitCode = 1;
  }
}

/**
 * What was synthesized, for a person to read: what a stack creates, where data and backup live, and
 * the next command.
 *
 * @param stackIds the stacks to tell about; the first of the App when empty
 * @throws Error when the App has no stack of such an id
 */
export function summary(app: App, stackIds: readonly string[] = []): string {
  const stacks = app.node.findAll().filter(TerraformStack.isStack);
  const ids = stacks.map(({ node }) => node.id);
  const unknown = stackIds.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    throw new Error(`There is no stack "${unknown}". There are ${ids.join(", ")}.`);
  const told = stacks.filter(({ node }, index) =>
    stackIds.length === 0 ? index === 0 : stackIds.includes(node.id),
  );
  const others = ids.filter((id) => !told.some(({ node }) => node.id === id));
  return [
    ...told.map((stack) => stackSummary(app, stack)),
    ...(others.length === 0
      ? []
      : [`Also synthesized: ${others.join(", ")}. Its summary: npm start -- ${others[0]}`]),
  ].join("\n\n");
}

function stackSummary(app: App, stack: TerraformStack): string {
  const inside = stack.node.findAll();
  const apps = inside.filter(
    (construct) =>
      construct instanceof LitestreamApp ||
      construct instanceof LitestreamReaders ||
      construct instanceof LitefsCluster ||
      construct instanceof RqliteCluster,
  );
  const proofs = inside.filter((construct) => construct instanceof BackupVerification);
  const alerts = inside.filter((construct) => construct instanceof LogAlerts);
  const outside = inside.filter(isOutside);
  const resources = inside.filter(TerraformResource.isTerraformResource);
  const { id } = stack.node;
  const folder = `${relative(process.cwd(), app.outdir) || "."}/stacks/${id}`;
  return [
    `${id}: ${resources.length} resources, written to ${folder}`,
    ...[...apps, ...proofs, ...alerts].map((one) =>
      section(`${one.name}, in namespace ${one.namespace}`, one.summary()),
    ),
    ...outside.map((one) => section(`${kindOf(one)} ${shown(one.name)}`, one.summary())),
    section("next", [
      ["deploy", `npx cdktf deploy ${id}`],
      ["or", `cd ${folder} && terraform init && terraform apply`],
      ...(outside.length === 0
        ? []
        : [
            ["then", "terraform output: what the apps' stack takes (docs/services.md)"] as [
              string,
              string,
            ],
          ]),
      ...apps.map((one): [string, string] => [
        "watch",
        `kubectl -n ${one.namespace} rollout status statefulset/${one.name}`,
      ]),
      ...proofs.map((one): [string, string] => ["prove now", one.command]),
      ...alerts.flatMap(({ name, namespace }): [string, string][] => [
        ["watch", `kubectl -n ${namespace} rollout status daemonset/${name}`],
        ["logs", `kubectl -n ${namespace} logs daemonset/${name}`],
      ]),
    ]),
  ].join("\n\n");
}

type Outside = BackupBucket | BackupUser | VerificationCheck;

/** What a stack makes outside the cluster. */
function isOutside(construct: unknown): construct is Outside {
  return [BackupBucket, BackupUser, VerificationCheck].some((one) => construct instanceof one);
}

function kindOf(one: Outside): string {
  if (one instanceof BackupBucket) return "bucket";
  return one instanceof BackupUser ? "user" : "check";
}

function shown(name: string): string {
  return isExpression(name) ? "(known at apply)" : name;
}

function section(title: string, lines: readonly [string, string][]): string {
  return [`  ${title}`, ...lines.map(([heading, text]) => `    ${heading.padEnd(15)}${text}`)].join(
    "\n",
  );
}
