import { type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { identify } from "../kubernetes/resource";
import { check, claim } from "../terraform/checks";
import { isExpression, matches, terraformText } from "../terraform/expression";
import { flagProblems, type Keys, type Problem, unknownKeys } from "../terraform/problem";
import { BackupBucket } from "./bucket";
import { MinioPolicy, MinioPolicyAttachment, type MinioProvider, MinioUser } from "./minio";
import { minioFolderPolicy, type PolicyDocument } from "./policy";
import {
  bucketNameProblems,
  folderProblems,
  revisionProblems,
  SECRET_KEY,
  SECRET_KEY_FIX,
  secretKeyProblems,
  userNameProblems,
} from "./problems";

export interface BackupUserProps {
  /** Where the backups are; a name when it is made elsewhere. */
  readonly bucket: BackupBucket | string;
  /** The one folder that the user gets at: the `path` of the app's replica. */
  readonly path: string;
  /** Its name, which is its access key id. @default the construct's id */
  readonly name?: string;
  /**
   * Its secret key, 8 to 40 characters. Take it from an ephemeral variable, the same that feeds the app's Secret: text
   * written here stands in the declaration, and in the synthesized file.
   */
  readonly secretKey: string;
  /**
   * The key is written anew whenever this number changes, as Terraform keeps none. At least 1; usually a variable.
   *
   * MinIO refuses the old key from then on, also the last sync of a pod that still has it: stop the app first (docs/services.md).
   */
  readonly revision: number;
  /**
   * Whether it may delete. Without it, the app's Litestream must not try: `retention: { enabled: false }`. It may still
   * overwrite its files; where that matters, have the bucket keep versions.
   *
   * @default true
   */
  readonly mayDelete?: boolean;
  /** @default that of the bucket */
  readonly provider?: MinioProvider;
}

const PROPS = {
  bucket: true,
  path: true,
  name: true,
  secretKey: true,
  revision: true,
  mayDelete: true,
  provider: true,
} satisfies Keys<BackupUserProps>;

/**
 * A user of MinIO who gets at one folder of a bucket, and at nothing else: the one of an app whose backup is there. Two users in one stack
 * of one folder, or of one folder inside another, don't synthesize.
 *
 * The secret key is in neither state nor plan. Needs Terraform 1.11, or OpenTofu with write-only arguments.
 */
export class BackupUser extends Construct {
  /** Its name, which is its access key id. */
  readonly name: string;
  readonly policy: PolicyDocument;
  readonly user!: MinioUser;

  private readonly bucketName: string;

  constructor(
    scope: Construct,
    id: string,
    readonly props: BackupUserProps,
  ) {
    super(scope, id);
    const { bucket, path, name = id, mayDelete = true } = props;
    const made = bucket instanceof BackupBucket ? bucket : undefined;
    const provider = props.provider ?? made?.provider;
    this.name = name;
    this.bucketName = made?.name ?? String(bucket);
    this.policy = minioFolderPolicy({ bucket: this.bucketName, path, mayDelete });

    const problems = this.problems();
    check(this, () => problems);
    try {
      this.user = this.make(made, provider);
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
    claim(this, () => {
      if (folderProblems("path", path).length > 0) return [];
      const place = [
        TerraformStack.of(this).node.path,
        provider?.alias,
        terraformText(this, this.bucketName),
      ];
      return [
        {
          what: "folder",
          key: [...place, path].join("\n"),
          folder: true,
          field: "path",
          value: path,
          fix: "Give each app a folder of its own, none inside another's: what one may delete, no other should.",
        },
      ];
    });
  }

  /** What the user comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    const { path, mayDelete = true } = this.props;
    return [
      ["gets at", `${path}/, and nothing else`],
      ["may", mayDelete ? "list, read, write, delete" : "list, read, write; not delete"],
    ];
  }

  private make(bucket: BackupBucket | undefined, provider: MinioProvider | undefined): MinioUser {
    const {
      name,
      props: { secretKey, revision },
    } = this;
    const identity = { name, provider };
    const user = identify(
      new MinioUser(this, "user", {
        name,
        secretWo: secretKey,
        secretWoVersion: revision,
        provider,
        lifecycle: isExpression(secretKey) ? { precondition: [isKey(name, secretKey)] } : undefined,
      }),
      identity,
    );
    // Not by the user's name alone: "readonly" and the like are MinIO's own, and would be overwritten.
    const policyName = `${name}-backup`;
    const policy = new MinioPolicy(this, "policy", {
      name: policyName,
      policy: JSON.stringify(this.policy),
      provider,
      dependsOn: bucket && [bucket.resource as ITerraformDependable],
    });
    identify(policy, identity);
    const attachment = new MinioPolicyAttachment(this, "attachment", {
      userName: name,
      policyName,
      provider,
      dependsOn: [user as ITerraformDependable, policy as ITerraformDependable],
    });
    identify(attachment, identity);
    return user;
  }

  private problems(): Problem[] {
    const { bucket, path, secretKey, revision, mayDelete } = this.props;
    return [
      ...unknownKeys("", this.props, PROPS),
      ...(bucket instanceof BackupBucket ? [] : bucketNameProblems("bucket", bucket)),
      ...folderProblems("path", path),
      ...userNameProblems("name", this.name),
      ...secretKeyProblems("secretKey", secretKey),
      ...revisionProblems("revision", revision),
      ...flagProblems({ mayDelete }),
    ];
  }
}

/** Without a key the provider makes one up, and keeps it in the state. */
function isKey(user: string, secretKey: string) {
  return {
    condition: matches(secretKey, SECRET_KEY),
    errorMessage: `The secret key of ${user} is missing or isn't one. ${SECRET_KEY_FIX}.`,
  };
}
