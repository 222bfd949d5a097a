import { Replica, Secret, variable, WorkloadIdentity } from "../../src";
import { type Destination, destinations, egressRules } from "../../src/kubernetes/network";
import { replicaDestinations } from "../../src/litestream/replica/destinations";
import { REPLICA_NAMES, type ReplicaName, REPLICAS } from "../support/replicas";
import { newApp, ownStack } from "../support/synth";

const own = ownStack(newApp());
const text = variable(own, "text", { type: "string" }).stringValue;

test.each<[string, Destination[]]>([
  ["https://s3.example.com", [{ port: 443 }]],
  ["http://s3.example.com", [{ port: 80 }]],
  ["HTTPS://S3.example.com/", [{ port: 443 }]],
  ["https://s3.example.com:9000/bucket?x=1:2", [{ port: 9000 }]],
  ["s3.example.com", [{ port: 7 }]],
  ["s3.example.com:22", [{ port: 22 }]],
  ["s3.example.com.", [{ port: 7 }]],
  ["nats://s3.example.com", [{ port: 7 }]],
  ["https://user:secret@dav.example.com:8443/files", [{ port: 8443 }]],
  ["https://192.168.1.10", [{ port: 443 }]],
  ["192.168.1.10:2222", [{ port: 2222 }]],
  ["https://[2001:db8::1]", [{ port: 443 }]],
  ["[2001:db8::1]:2222", [{ port: 2222 }]],
  ["http://minio:9000", [{ namespace: "notes" }, { port: 9000 }]],
  ["minio", [{ namespace: "notes" }, { port: 7 }]],
  ["http://minio.storage:9000", [{ namespace: "storage" }, { port: 9000 }]],
  ["https://example.com", [{ namespace: "com" }, { port: 443 }]],
  ["http://minio.storage.svc:9000", [{ namespace: "storage" }]],
  ["http://minio.storage.svc.cluster.local:9000", [{ namespace: "storage" }]],
  ["nats.storage.svc.cluster.local.", [{ namespace: "storage" }]],
  ["http://minio-0.minio.storage.svc.cluster.local:9000", [{ port: 9000 }]],
  [text, [{}]],
  [`https://${text}:9000`, [{}]],
])("%s leads to", (address, expected) => {
  expect(destinations(address, "notes", 7)).toEqual(expected);
});

describe("a destination as a rule", () => {
  const of = (namespace: string) => ({ "kubernetes.io/metadata.name": namespace });
  test.each<[string, Destination, object]>([
    ["anywhere", {}, { ports: [{ protocol: "TCP" }] }],
    ["a port of anything", { port: 443 }, { ports: [{ protocol: "TCP", port: "443" }] }],
    [
      "a namespace",
      { namespace: "storage" },
      { ports: [{ protocol: "TCP" }], to: [{ namespaceSelector: { matchLabels: of("storage") } }] },
    ],
    [
      "pods of the own namespace",
      { pods: { app: "notes" }, port: 9090 },
      {
        ports: [{ protocol: "TCP", port: "9090" }],
        to: [{ podSelector: { matchLabels: { app: "notes" } } }],
      },
    ],
    [
      "pods of another one",
      { pods: { app: "notes" }, namespace: "storage" },
      {
        ports: [{ protocol: "TCP" }],
        to: [
          {
            podSelector: { matchLabels: { app: "notes" } },
            namespaceSelector: { matchLabels: of("storage") },
          },
        ],
      },
    ],
    [
      "addresses",
      { cidr: "169.254.169.254/32", port: 80 },
      {
        ports: [{ protocol: "TCP", port: "80" }],
        to: [{ ipBlock: { cidr: "169.254.169.254/32" } }],
      },
    ],
  ])("%s", (_, destination, rule) => {
    expect(egressRules([destination])).toEqual([DNS, rule]);
  });

  const DNS = {
    ports: [
      { port: "53", protocol: "UDP" },
      { port: "53", protocol: "TCP" },
    ],
  };

  test("name servers only, without any", () => {
    expect(egressRules([])).toEqual([DNS]);
  });

  test("stands there once", () => {
    expect(egressRules([{ port: 443 }, { port: 80 }, { port: 443 }])).toHaveLength(3);
  });
});

const HTTPS = { port: 443 };
const GKE = [
  HTTPS,
  { cidr: "169.254.169.252/32", port: 988 },
  { cidr: "169.254.169.254/32", port: 80 },
];

const REACHED: Record<ReplicaName, Destination[]> = {
  "s3, keys": [HTTPS],
  "s3, a role": [HTTPS, HTTPS],
  "s3, SSE-C": [HTTPS],
  "s3, every setting": [{ port: 9000 }],
  "gs, a key": [HTTPS],
  "gs, GKE": [HTTPS, ...GKE],
  "abs, an account key": [HTTPS],
  "abs, a SAS token": [HTTPS],
  "abs, AKS": [HTTPS, HTTPS],
  "oss, keys": [HTTPS],
  "sftp, a private key": [{ port: 2222 }],
  "sftp, a password": [{ port: 2222 }],
  "nats, creds": [{ namespace: "nats" }],
  "nats, a password": [{ namespace: "nats" }],
  "nats, a token": [{ namespace: "nats" }],
  "nats, a certificate": [{ namespace: "nats" }],
  "webdav, a password": [HTTPS],
  "file, a claim": [],
};

test.each(REPLICA_NAMES)("a replica reaches: %s", (name) => {
  expect(replicaDestinations(REPLICAS[name], "notes")).toEqual(REACHED[name]);
});

test.each<[string, Replica, Destination[]]>([
  [
    "a role, and an endpoint in the cluster",
    Replica.s3({
      bucket: "backups",
      path: "notes",
      endpoint: "http://minio:9000",
      credentials: WorkloadIdentity.aws({ roleArn: "arn:aws:iam::111122223333:role/notes" }),
    }),
    [{ namespace: "notes" }, { port: 9000 }, HTTPS],
  ],
  [
    "an SFTP server without a port",
    { ...REPLICAS["sftp, a password"], host: "backup.example.com" },
    [{ port: 22 }],
  ],
  [
    "a NATS server without a port",
    { ...REPLICAS["nats, a token"], url: "nats://nats.example.com" },
    [{ port: 4222 }],
  ],
  [
    "an endpoint known at apply",
    Replica.s3({
      bucket: "backups",
      path: "notes",
      endpoint: text,
      credentials: Secret.existing("keys"),
    }),
    [{}],
  ],
  ["an SFTP server known at apply", { ...REPLICAS["sftp, a password"], host: text }, [{}]],
])("a replica reaches: %s", (_, replica, reached) => {
  expect(replicaDestinations(replica, "notes")).toEqual(reached);
});
