/** SQLite applications on Kubernetes, as Terraform. */
export { SqliteStack } from "./kubernetes/stack";
export { kubernetesProvider, pinKubernetesProvider } from "./kubernetes/provider";
export { Namespace, type NamespaceProps } from "./kubernetes/namespace";
export {
  Secret,
  type SecretReference,
  WriteOnlySecret,
  type WriteOnlySecretProps,
} from "./kubernetes/secret";
export {
  type ClaimStorage,
  type EphemeralStorage,
  type ExistingClaimStorage,
  Storage,
} from "./kubernetes/storage";
export { Schedule, type ScheduleOptions } from "./kubernetes/schedule";
export { Probe, type ProbeTiming } from "./kubernetes/probe";
export type { EnvironmentSource, EnvironmentValue } from "./kubernetes/environment";
export type { ContainerResources } from "./kubernetes/quantity";
export type { PodUser } from "./kubernetes/security";
export { LitestreamApp } from "./litestream/app";
export type { AppVolume, LitestreamAppProps, Toleration, WhenNoBackup } from "./litestream/props";
export type { Database } from "./litestream/database";
export {
  type FileReplica,
  type FileReplicaOptions,
  Replica,
  type S3Credentials,
  type S3Replica,
  type S3ReplicaOptions,
} from "./litestream/replica";
export type {
  DatabaseSettings,
  LitestreamSettings,
  ReplicaSettings,
  S3Settings,
  SnapshotConfig,
} from "./litestream/config";
export { variable, type VariableProps } from "./terraform/variable";
export {
  type Manifest,
  manifests,
  manifestsYaml,
  type SynthesizedStack,
} from "./terraform/manifests";
export { summary, synthesize } from "./summary";
