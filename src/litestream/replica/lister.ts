import { asText, isExpression } from "../../terraform/expression";
import type { AbsReplicaOptions } from "./abs";
import type { GsReplicaOptions } from "./gs";
import type { OssReplicaOptions } from "./oss";
import type { S3ReplicaOptions } from "./s3";
import type { SftpReplicaOptions } from "./sftp";
import type { Access, Lister, ListerPlace } from "./type";
import type { WebdavReplicaOptions } from "./webdav";

/** What rclone reads as the settings of the remote "replica". */
type Settings = Readonly<Record<string, Lister["environment"][string] | undefined>>;

function environment(type: string, settings: Settings): Lister["environment"] {
  const all = Object.entries({ TYPE: type, ...settings });
  return Object.fromEntries(
    all.flatMap(([name, value]) =>
      value === undefined ? [] : [[`RCLONE_CONFIG_REPLICA_${name}`, value]],
    ),
  );
}

/** @see https://rclone.org/s3/ */
export function s3Lister(replica: S3ReplicaOptions, access: Access): Lister {
  const { endpoint, region, bucket, path, skipVerify } = replica;
  const { LITESTREAM_ACCESS_KEY_ID: id, LITESTREAM_SECRET_ACCESS_KEY: key } =
    access.environment ?? {};
  const pathStyle = replica.forcePathStyle ?? endpoint !== undefined;
  return {
    environment: {
      ...environment("s3", {
        PROVIDER: endpoint === undefined ? "AWS" : "Other",
        ENV_AUTH: access.identity && "true",
        ACCESS_KEY_ID: id,
        SECRET_ACCESS_KEY: key,
        REGION: region,
        ENDPOINT: endpoint,
        FORCE_PATH_STYLE: asText(pathStyle),
      }),
      ...(skipVerify ? { RCLONE_NO_CHECK_CERTIFICATE: asText(skipVerify) } : {}),
    },
    root: bucket,
    path: `${bucket}/${path}`,
  };
}

/** @see https://rclone.org/s3/#alibaba-oss */
export function ossLister(replica: OssReplicaOptions, access: Access): Lister {
  const { endpoint, region, bucket, path } = replica;
  const { OSS_ACCESS_KEY_ID: id, OSS_ACCESS_KEY_SECRET: key } = access.environment ?? {};
  return {
    environment: environment("s3", {
      PROVIDER: "Alibaba",
      ACCESS_KEY_ID: id,
      SECRET_ACCESS_KEY: key,
      ENDPOINT: endpoint ?? `https://oss-${region}.aliyuncs.com`,
    }),
    root: bucket,
    path: `${bucket}/${path}`,
  };
}

/** @see https://rclone.org/googlecloudstorage/ */
export function gsLister(
  { bucket, path }: GsReplicaOptions,
  { environment: env = {} }: Access,
): Lister {
  const file = env.GOOGLE_APPLICATION_CREDENTIALS;
  return {
    environment: environment("google cloud storage", {
      SERVICE_ACCOUNT_FILE: file,
      ENV_AUTH: file === undefined ? "true" : undefined,
    }),
    root: bucket,
    path: `${bucket}/${path}`,
  };
}

/** @see https://rclone.org/azureblob/ */
export function absLister(replica: AbsReplicaOptions, access: Access): Lister {
  const { accountName, endpoint, bucket, path } = replica;
  const { LITESTREAM_AZURE_SAS_TOKEN: token, LITESTREAM_AZURE_ACCOUNT_KEY: key } =
    access.environment ?? {};
  const address = endpoint ?? `https://${accountName}.blob.core.windows.net`;
  return {
    environment: environment(
      "azureblob",
      token === undefined
        ? {
            ACCOUNT: accountName,
            ENDPOINT: endpoint,
            ENV_AUTH: access.identity && "true",
            KEY: key,
          }
        : // Kubernetes puts in the variable that stands before it.
          { SAS_URL: `${address.replace(/\/$/, "")}/${bucket}?$(LITESTREAM_AZURE_SAS_TOKEN)` },
    ),
    root: bucket,
    path: `${bucket}/${path}`,
  };
}

/** @see https://rclone.org/sftp/ */
export function sftpLister(
  replica: SftpReplicaOptions,
  access: Access,
  { secrets, texts }: ListerPlace,
): Lister | undefined {
  const { host, user, path, hostKey } = replica;
  // rclone takes name and port one by one.
  if (isExpression(host)) return undefined;
  const { name, port } = address(host);
  const [keyFile] = Object.keys(access.files ?? {});
  const password = access.environment?.LITESTREAM_SFTP_PASSWORD;
  return {
    environment: environment("sftp", {
      HOST: name.includes(":") ? `[${name}]` : name,
      PORT: port,
      USER: user,
      KEY_FILE: keyFile && `${secrets}/${keyFile}`,
      PASS: password,
      KNOWN_HOSTS_FILE: hostKey && `${texts}/known_hosts`,
      // It would run commands there to learn how to compute checksums.
      SHELL_TYPE: "none",
    }),
    ...(password && { obscured: ["RCLONE_CONFIG_REPLICA_PASS"] }),
    ...(hostKey && {
      files: { known_hosts: `${port === "22" ? name : `[${name}]:${port}`} ${hostKey}\n` },
    }),
    root: "",
    path,
  };
}

/** @see https://rclone.org/webdav/ */
export function webdavLister(
  { url, username, path }: WebdavReplicaOptions,
  access: Access,
): Lister {
  return {
    environment: environment("webdav", {
      URL: url,
      VENDOR: "other",
      USER: username,
      PASS: access.environment?.LITESTREAM_WEBDAV_PASSWORD,
    }),
    obscured: ["RCLONE_CONFIG_REPLICA_PASS"],
    root: "",
    path,
  };
}

/** Name and port of a host as Litestream takes it: an IPv6 address is in brackets only before a port. */
function address(host: string): { name: string; port: string } {
  const [, bracketed, plain = host, port = "22"] =
    /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(host) ?? [];
  return { name: bracketed ?? plain, port };
}
