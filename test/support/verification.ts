import {
  BackupVerification,
  type BackupVerificationProps,
  LitestreamApp,
  type LitestreamAppProps,
  type Manifest,
  manifests,
  Replica,
  Secret,
} from "../../src";
import { failure, GOOD, newApp, ownStack, synthesized } from "./synth";

/** A replica that can be read from any node. */
export const S3 = Replica.s3({
  bucket: "backups",
  path: "notes",
  credentials: Secret.existing("keys"),
});

/** A key of a Secret. */
export const url = { secret: Secret.existing("receivers"), key: "url" };
export const token = { secret: Secret.existing("receivers"), key: "token" };

/** An app and its verification, in one stack. */
export function verified(props: object = {}, app: Partial<LitestreamAppProps> = {}) {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = new LitestreamApp(stack, "notes", { ...GOOD, replica: S3, ...app });
  const verification = new BackupVerification(stack, "verification", { of, ...props });
  return { tree, stack, of, verification };
}

/** The lines that a synthesis reports, each after the path of the construct it is about. */
export function reported(tree: Parameters<typeof failure>[0]): string[] {
  let path = "";
  return failure(tree)
    .split("\n")
    .flatMap((line) => {
      if (/^\S+\/\S+$/.test(line)) path = line;
      return line.startsWith("  ") && path !== "" ? [`${path}: ${line.trim()}`] : [];
    });
}

/** What a synthesis says of a verification with some props changed. */
export function problemsOf(props: object, app: Partial<LitestreamAppProps> = {}): string[] {
  return reported(verified(props, app).tree);
}

/** The verification's Kubernetes objects, by kind, and by name where it has two of a kind. */
export function verificationOf(
  props: Partial<BackupVerificationProps> = {},
  app: Partial<LitestreamAppProps> = {},
  variables: Record<string, string> = {},
): Record<string, any> {
  const objects: Manifest[] = manifests(synthesized(verified(props, app).tree), variables);
  const own = objects.filter(
    ({ metadata }) => !["notes", "notes-litestream"].includes(metadata.name),
  );
  return Object.fromEntries(
    own.map((object) => [
      object.metadata.name.endsWith("-metrics") ? "openMetrics" : object.kind,
      object,
    ]),
  );
}

/** The pod of a verification. */
export const podOf = (objects: Record<string, any>) =>
  objects.CronJob.spec.jobTemplate.spec.template.spec;
