import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1";
import { PersistentVolumeV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-v1";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { check } from "../terraform/checks";
import { isExpression, literal } from "../terraform/expression";
import { type Problem, shapeProblems } from "../terraform/problem";
import { Namespace } from "./namespace";
import { dnsLabelProblems, labels } from "./names";
import { sizeProblems } from "./quantity";
import { identify } from "./resource";

export interface NfsShareProps {
  /** The claim's name; the volume is called "<namespace>-<name>". @default the construct's id */
  readonly name?: string;
  readonly namespace: Namespace | string;
  /** The server's name or address, as the nodes reach it. */
  readonly server: string;
  /** The exported folder, absolute. */
  readonly path: string;
  /** What Kubernetes takes for its size; NFS itself has no limit. @default "1Ti" */
  readonly size?: string;
  /** For example "nfsvers=4.1". @default the node's */
  readonly mountOptions?: readonly string[];
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/**
 * A folder of an NFS server as a volume and a claim, for a replica: `Replica.file({ existingClaim: share.claimName
 * })`. A live database may not lie on it, as SQLite's locks don't work there.
 *
 * Nothing here ever deletes what is in the folder. Kubernetes doesn't change its owner either (`fsGroup`
 * has no effect on NFS): the server must let the pod's user write it, 1000 by default.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#nfs
 */
export class NfsShare extends Construct {
  /** The claim's name. */
  readonly claimName: string;
  readonly namespace: string;
  readonly volume: PersistentVolumeV1;
  readonly claim: PersistentVolumeClaimV1;

  constructor(scope: Construct, id: string, props: NfsShareProps) {
    super(scope, id);
    const { name = id, namespace, server, path, size = "1Ti", mountOptions, provider } = props;
    const namespaceName = typeof namespace === "string" ? namespace : namespace.name;
    this.claimName = name;
    this.namespace = namespaceName;
    const volumeName = `${namespaceName}-${name}`;
    const accessModes = ["ReadWriteMany"];

    this.volume = identify(
      new PersistentVolumeV1(this, "volume", {
        provider,
        metadata: { name: volumeName, labels: labels(name) },
        spec: [
          {
            accessModes,
            capacity: { storage: size },
            persistentVolumeReclaimPolicy: "Retain",
            mountOptions: mountOptions?.map(literal),
            // No other claim gets it, whatever it asks for.
            claimRef: { name, namespace: namespaceName },
            persistentVolumeSource: { nfs: { server: literal(server), path: literal(path) } },
          },
        ],
      }),
      { name: volumeName, provider },
    );
    this.claim = identify(
      new PersistentVolumeClaimV1(this, "claim", {
        provider,
        metadata: {
          name,
          namespace: namespaceName,
          labels: labels(name),
          // The provider leaves out an empty class, and the cluster would fill in its default.
          annotations: { "volume.beta.kubernetes.io/storage-class": "" },
        },
        spec: { accessModes, volumeName, resources: { requests: { storage: size } } },
        // Whether it is bound shows at the pod; a wait here would end in an error that says nothing.
        waitUntilBound: false,
        dependsOn: [this.volume, ...(namespace instanceof Namespace ? [namespace.resource] : [])],
      }),
      { name, namespace: namespaceName, provider },
    );
    check(this, () => [
      ...dnsLabelProblems("name", name),
      ...serverProblems(server),
      ...pathProblems(path),
      ...sizeProblems("size", size),
    ]);
  }
}

function serverProblems(server: unknown): Problem[] {
  if (isExpression(server)) return [];
  if (typeof server === "string" && /^[A-Za-z0-9._:-]+$/.test(server) && !server.includes(":/"))
    return [];
  return [
    {
      field: "server",
      value: server,
      wrong: "is not the name or address of a server",
      fix: 'Write for example "nas.example.com", and the folder into path.',
    },
  ];
}

function pathProblems(path: unknown): Problem[] {
  return shapeProblems("path", path, /^\/\S*$/, [
    "is not the absolute path of an exported folder",
    'Write for example "/export/backups".',
  ]);
}
