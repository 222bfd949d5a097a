/** SQLite applications on Kubernetes, as Terraform. */
export { SqliteStack } from "./kubernetes/stack";
export { LocalStateStack } from "./terraform/stack";
export { kubernetesProvider, pinKubernetesProvider } from "./kubernetes/provider";
export { Namespace, type NamespaceProps } from "./kubernetes/namespace";
export { NfsShare, type NfsShareProps } from "./kubernetes/nfs-share";
export { Secret, type SecretKey, type SecretReference } from "./kubernetes/secret";
export { WriteOnlySecret, type WriteOnlySecretProps } from "./kubernetes/write-only-secret";
export {
  type AwsIdentity,
  type AzureIdentity,
  type GcpIdentity,
  WorkloadIdentity,
} from "./kubernetes/workload-identity";
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
export { LitestreamReaders } from "./litestream/readers";
export type { LitestreamReadersProps } from "./litestream/readers/props";
export type { AppVolume, LitestreamAppProps, WhenNoBackup } from "./litestream/props";
export type { Placement, Toleration } from "./kubernetes/placement";
export type { AppContainer } from "./litestream/container";
export type { Database } from "./litestream/database";
export type { Directory } from "./litestream/directory";
export type { RestorePoint } from "./litestream/restore-point";
export { Replica } from "./litestream/replica";
export type {
  AbsAccountKey,
  AbsReplica,
  AbsReplicaOptions,
  AbsSasToken,
} from "./litestream/replica/abs";
export type { FileReplica, FileReplicaOptions } from "./litestream/replica/file";
export type { GsCredentials, GsReplica, GsReplicaOptions } from "./litestream/replica/gs";
export type {
  NatsClientCertificate,
  NatsCreds,
  NatsPassword,
  NatsReplica,
  NatsReplicaOptions,
  NatsRootCa,
  NatsToken,
} from "./litestream/replica/nats";
export type { OssCredentials, OssReplica, OssReplicaOptions } from "./litestream/replica/oss";
export type {
  S3Credentials,
  S3EncryptionKey,
  S3Replica,
  S3ReplicaOptions,
} from "./litestream/replica/s3";
export type {
  SftpPassword,
  SftpPrivateKey,
  SftpReplica,
  SftpReplicaOptions,
} from "./litestream/replica/sftp";
export type {
  WebdavPassword,
  WebdavReplica,
  WebdavReplicaOptions,
} from "./litestream/replica/webdav";
export type {
  AbsSettings,
  DatabaseSettings,
  LitestreamSettings,
  NatsSettings,
  OssSettings,
  ReplicaSettings,
  S3Settings,
  SftpSettings,
  SnapshotConfig,
} from "./litestream/config";
export { LitefsCluster } from "./litefs/cluster";
export type {
  FuseDevice,
  LitefsBackup,
  LitefsClusterProps,
  LitefsExec,
  LitefsRouter,
} from "./litefs/props";
export { RqliteCluster } from "./rqlite/cluster";
export type { RqliteClient, RqliteClusterProps, RqliteReaders } from "./rqlite/props";
export type { RqliteBackup, RqliteRestore } from "./rqlite/backup";
export type { RqliteS3, RqliteS3Credentials } from "./rqlite/s3";
export type { RqliteSettings } from "./rqlite/settings";
export type { RqliteTls } from "./rqlite/tls";
export type { RqlitePermission, RqliteUser, RqliteUsers } from "./rqlite/users";
export { BackupVerification } from "./verification/verification";
export type { BackupVerificationProps } from "./verification/props";
export { type Receiver, Report } from "./verification/receiver";
export type { Assertion } from "./verification/assertion";
export { LogAlerts } from "./alerting/alerts";
export type { AlertHeartbeat, AlertThrottle, LogAlertsProps } from "./alerting/props";
export { Alert, type AlertLevel, type AlertReceiver } from "./alerting/receiver";
export { BackupBucket, type BackupBucketProps } from "./services/bucket";
export { BackupUser, type BackupUserProps } from "./services/user";
export { VerificationCheck, type VerificationCheckProps } from "./services/check";
export {
  MinioBucket,
  MinioPolicy,
  MinioPolicyAttachment,
  type MinioPolicyAttachmentProps,
  type MinioPolicyProps,
  MinioProvider,
  type MinioProviderProps,
  MinioUser,
  type MinioUserProps,
} from "./services/minio";
export {
  HealthchecksChannel,
  type HealthchecksChannelProps,
  HealthchecksCheck,
  type HealthchecksCheckProps,
  HealthchecksProvider,
  type HealthchecksProviderProps,
} from "./services/healthchecks";
export { folderPolicy, type FolderAccess, type PolicyDocument } from "./services/policy";
export type { BackedUp, BackupSource, ScheduledProof, SourceVolume } from "./kubernetes/backup";
export type {
  ConfigFile,
  ConfigFiles,
  ConfigFolder,
  ConfigFolderElsewhere,
} from "./kubernetes/config-files";
export type { Dashboard, DashboardWidget } from "./kubernetes/dashboard";
export type { IngressOptions, IngressTls } from "./kubernetes/ingress";
export type { Destination } from "./kubernetes/network";
export { variable, type VariableProps } from "./terraform/variable";
export {
  type Manifest,
  manifests,
  manifestsYaml,
  type SynthesizedStack,
} from "./terraform/manifests";
export { summary, synthesize } from "./summary";
