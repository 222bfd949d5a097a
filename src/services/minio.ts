import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { check } from "../terraform/checks";
import { literal } from "../terraform/expression";
import { type Keys, unknownKeys } from "../terraform/problem";
import { givenProblems, hostProblems } from "./problems";
import { UnboundProvider, UnboundResource } from "../terraform/unbound";

/** `secret_wo`, which keeps a user's key out of the state, exists from 3.29 on; 3.40.1 is what this was tried with. */
const MINIO = { source: "aminueza/minio", version: "~> 3.40" };

export interface MinioProviderProps {
  /** Host and port, without "https://". */
  readonly server: string;
  /** An administrator: the root user, or one with the policy consoleAdmin. */
  readonly user: string;
  /** Their secret key. Take it from an ephemeral variable: providers accept those, and no plan file has it then. */
  readonly password: string;
  /** @default "us-east-1", MinIO's own */
  readonly region?: string;
  /**
   * Whether the server speaks TLS. The provider's own default is false.
   *
   * @default true
   */
  readonly ssl?: boolean;
  /** For a second provider in one stack. @default none */
  readonly alias?: string;
}

const PROVIDER_PROPS = {
  server: true,
  user: true,
  password: true,
  region: true,
  ssl: true,
  alias: true,
} satisfies Keys<MinioProviderProps>;

/** @see https://registry.terraform.io/providers/aminueza/minio/latest/docs */
export class MinioProvider extends UnboundProvider {
  constructor(scope: Construct, id: string, props: MinioProviderProps) {
    const { server, user, password, region, ssl, alias } = props;
    const args = {
      minio_server: server && literal(server),
      minio_user: user && literal(user),
      minio_password: password && literal(password),
      minio_region: literal(region ?? "us-east-1"),
      minio_ssl: ssl ?? true,
    };
    super(scope, id, MINIO, args, alias);
    check(this, () => [
      ...unknownKeys("", props, PROVIDER_PROPS),
      ...hostProblems("server", server),
      ...givenProblems({ user, password }),
    ]);
  }
}

/** @see https://registry.terraform.io/providers/aminueza/minio/latest/docs/resources/s3_bucket */
export class MinioBucket extends UnboundResource {
  constructor(
    scope: Construct,
    id: string,
    { bucket, ...meta }: { readonly bucket: string } & TerraformMetaArguments,
  ) {
    // `force_destroy`, which deletes a bucket with all that is in it, is left at false on purpose.
    super(scope, id, "minio_s3_bucket", { bucket: literal(bucket) }, meta);
  }
}

export interface MinioUserProps extends TerraformMetaArguments {
  readonly name: string;
  /** Only ever written: `secret`, the other argument for it, would stand in the state. */
  readonly secretWo: string;
  /** Another number has the key written again. */
  readonly secretWoVersion: number;
}

/** @see https://registry.terraform.io/providers/aminueza/minio/latest/docs/resources/iam_user */
export class MinioUser extends UnboundResource {
  constructor(
    scope: Construct,
    id: string,
    { name, secretWo, secretWoVersion, ...meta }: MinioUserProps,
  ) {
    const args = {
      name: literal(name),
      secret_wo: literal(secretWo),
      secret_wo_version: secretWoVersion,
    };
    super(scope, id, "minio_iam_user", args, meta);
  }
}

export interface MinioPolicyProps extends TerraformMetaArguments {
  readonly name: string;
  /** A policy document as JSON. */
  readonly policy: string;
}

/** @see https://registry.terraform.io/providers/aminueza/minio/latest/docs/resources/iam_policy */
export class MinioPolicy extends UnboundResource {
  constructor(scope: Construct, id: string, { name, policy, ...meta }: MinioPolicyProps) {
    const args = { name: literal(name), policy: literal(policy) };
    super(scope, id, "minio_iam_policy", args, meta);
  }
}

export interface MinioPolicyAttachmentProps extends TerraformMetaArguments {
  readonly userName: string;
  readonly policyName: string;
}

/** @see https://registry.terraform.io/providers/aminueza/minio/latest/docs/resources/iam_user_policy_attachment */
export class MinioPolicyAttachment extends UnboundResource {
  constructor(
    scope: Construct,
    id: string,
    { userName, policyName, ...meta }: MinioPolicyAttachmentProps,
  ) {
    const args = { user_name: literal(userName), policy_name: literal(policyName) };
    super(scope, id, "minio_iam_user_policy_attachment", args, meta);
  }
}
