import { type Problem, shapeProblems } from "../terraform/problem";

/** The role of an AWS account, taken on by a pod's service account (IRSA). */
export interface AwsIdentity {
  readonly kind: "aws";
  /** For example "arn:aws:iam::111122223333:role/notes-backup". */
  readonly roleArn: string;
}

/** A Google Cloud identity, taken on by a pod's service account (GKE). */
export interface GcpIdentity {
  readonly kind: "gcp";
  /**
   * The Google service account to act as, for example "notes@project.iam.gserviceaccount.com".
   *
   * @default none: the bucket grants access to the Kubernetes service account itself
   */
  readonly serviceAccount?: string;
}

/** An application or managed identity of Microsoft Entra, taken on by a pod's service account (AKS). */
export interface AzureIdentity {
  readonly kind: "azure";
  readonly clientId: string;
  readonly tenantId: string;
}

/**
 * Access to a cloud's storage without a key that could leak: the cluster vouches for the pod's service
 * account, and the cloud trusts the cluster.
 *
 * The token is mounted in Litestream's containers only, and needs no webhook in the cluster. On GKE the
 * node's metadata server answers every container of the pod, the app's too.
 */
export type WorkloadIdentity = AwsIdentity | GcpIdentity | AzureIdentity;

export const WorkloadIdentity = {
  /** @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html */
  aws: (options: Omit<AwsIdentity, "kind">): AwsIdentity => ({ kind: "aws", ...options }),
  /** @see https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity */
  gcp: (options: Omit<GcpIdentity, "kind"> = {}): GcpIdentity => ({ kind: "gcp", ...options }),
  /** @see https://learn.microsoft.com/azure/aks/workload-identity-overview */
  azure: (options: Omit<AzureIdentity, "kind">): AzureIdentity => ({ kind: "azure", ...options }),
};

/** The file with the token, in the folder where it is mounted. */
export const TOKEN_FILE = "token";

/** Whether something is meant as an identity, whatever its fields hold. */
export function isIdentity(value: unknown): value is WorkloadIdentity {
  const kind = (value as WorkloadIdentity | undefined)?.kind;
  return typeof value === "object" && (kind === "aws" || kind === "gcp" || kind === "azure");
}

/** Problems of an identity's fields. */
export function identityProblems(identity: WorkloadIdentity): Problem[] {
  switch (identity.kind) {
    case "aws":
      return shapeProblems("roleArn", identity.roleArn, /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, [
        "is not the ARN of a role",
        'Write for example "arn:aws:iam::111122223333:role/notes-backup".',
      ]);
    case "gcp":
      if (identity.serviceAccount === undefined) return [];
      return shapeProblems(
        "serviceAccount",
        identity.serviceAccount,
        /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/,
        [
          "is not a Google service account",
          'Write for example "notes@project.iam.gserviceaccount.com".',
        ],
      );
    case "azure":
      return Object.entries({ clientId: identity.clientId, tenantId: identity.tenantId }).flatMap(
        ([field, value]) =>
          shapeProblems(field, value, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, [
            "is not an id of Microsoft Entra",
            'Write it in full, for example "00000000-0000-0000-0000-000000000000".',
          ]),
      );
  }
}

/** What the service account says about itself, as the clouds' own tools expect it. */
export function identityAnnotations(identity: WorkloadIdentity): Record<string, string> {
  switch (identity.kind) {
    case "aws":
      return { "eks.amazonaws.com/role-arn": identity.roleArn };
    case "gcp":
      return identity.serviceAccount === undefined
        ? {}
        : { "iam.gke.io/gcp-service-account": identity.serviceAccount };
    case "azure":
      return {
        "azure.workload.identity/client-id": identity.clientId,
        "azure.workload.identity/tenant-id": identity.tenantId,
      };
  }
}

/**
 * What the pod says so that only Litestream's containers have the identity: EKS's webhook would give it to all
 * containers of a pod with an annotated service account.
 *
 * @param others the containers that are not to have it
 * @see https://github.com/aws/amazon-eks-pod-identity-webhook
 */
export function identityPodAnnotations(
  { kind }: WorkloadIdentity,
  others: string,
): Record<string, string> {
  return kind === "aws" ? { "eks.amazonaws.com/skip-containers": others } : {};
}

/** Whom the token is for; undefined where none is mounted, as the node's metadata server gives one. */
export function tokenAudience({ kind }: WorkloadIdentity): string | undefined {
  return { aws: "sts.amazonaws.com", azure: "api://AzureADTokenExchange", gcp: undefined }[kind];
}

/** The variables by which the clouds' libraries find the token mounted in `folder`. */
export function identityEnvironment(
  identity: WorkloadIdentity,
  folder: string,
): Record<string, string> {
  switch (identity.kind) {
    case "aws":
      return {
        AWS_ROLE_ARN: identity.roleArn,
        AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/${TOKEN_FILE}`,
      };
    case "gcp":
      return {};
    case "azure":
      return {
        AZURE_CLIENT_ID: identity.clientId,
        AZURE_TENANT_ID: identity.tenantId,
        AZURE_FEDERATED_TOKEN_FILE: `${folder}/${TOKEN_FILE}`,
        AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
      };
  }
}
