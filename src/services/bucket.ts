import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { check, claim } from "../terraform/checks";
import { terraformText } from "../terraform/expression";
import { flagProblems, type Keys, unknownKeys } from "../terraform/problem";
import { addressedById } from "./address";
import { MinioBucket, type MinioProvider } from "./minio";
import { bucketNameProblems } from "./problems";

export interface BackupBucketProps {
  /** @default the construct's id */
  readonly name?: string;
  /**
   * Whether `terraform destroy` may delete the bucket. Without it, destroy refuses. A bucket that isn't empty is never
   * deleted: empty it first.
   *
   * @default false
   */
  readonly disposable?: boolean;
  /** @default the stack's only MinIO provider */
  readonly provider?: MinioProvider;
}

const PROPS = {
  name: true,
  disposable: true,
  provider: true,
} satisfies Keys<BackupBucketProps>;

/**
 * A bucket of MinIO for backups, private. Taking it out of the declaration, or giving the construct another id, has
 * Terraform delete it, which MinIO refuses while something is in it. To hand it over, run
 * `terraform state rm minio_s3_bucket.<id>` first; one that is there already is taken over by
 * `terraform import minio_s3_bucket.<id> <name>`.
 *
 * It has no rule that expires objects by age, and must get none: the only snapshot of an app that writes nothing grows old, and would
 * be gone.
 */
export class BackupBucket extends Construct {
  /** The bucket's name. */
  readonly name: string;
  readonly disposable: boolean;
  readonly provider?: MinioProvider;
  readonly resource!: MinioBucket;

  constructor(scope: Construct, id: string, props: BackupBucketProps = {}) {
    super(scope, id);
    const { name = id, disposable = false, provider } = props;
    this.name = name;
    this.disposable = disposable;
    this.provider = provider;
    const problems = [
      ...unknownKeys("", props, PROPS),
      ...bucketNameProblems("name", name),
      ...flagProblems({ disposable: props.disposable }),
    ];
    check(this, () => problems);
    try {
      this.resource = addressedById(
        this,
        new MinioBucket(this, "bucket", {
          bucket: name,
          provider,
          lifecycle: disposable ? undefined : { preventDestroy: true },
        }),
      );
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
    claim(this, () => [
      {
        what: "bucket",
        key: [TerraformStack.of(this).node.path, provider?.alias, terraformText(this, name)].join(
          "\n",
        ),
        field: "name",
        value: name,
        fix: "Give one of the two another name, or use one construct for both.",
      },
    ]);
  }

  /** What the bucket comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    return [
      [
        "deleted",
        this.disposable
          ? "by terraform destroy, once it is empty"
          : "never: terraform destroy refuses",
      ],
      ["expires", "nothing: a rule by age would take an idle app's only snapshot"],
    ];
  }
}
