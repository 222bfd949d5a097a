import {
  Namespace,
  Probe,
  Replica,
  Secret,
  SqliteStack,
  Storage,
  variable,
  LitefsCluster,
} from "../../src";
import { clusterProblemsOf, GOOD_CLUSTER } from "../support/litefs";
import { failure, newApp, ownStack } from "../support/synth";

const exec = { command: "/notes serve" };

test.each<[string, object, string[]]>([
  ["a typo", { replcas: 3 }, [expect.stringMatching(/^replcas: is unknown\. Take one of /)]],
  [
    "HOSTNAME",
    { env: { HOSTNAME: "notes" } },
    [
      "env.HOSTNAME: would hide the pod's name, which Kubernetes sets and other parts rely on. Give the variable another name.",
    ],
  ],
  [
    "a variable of LiteFS's",
    { env: { LITEFS_POD: "notes-0" } },
    [
      "env.LITEFS_POD: is a variable of LiteFS's container, by which a pod knows whether it is the primary. Give the variable another name.",
    ],
  ],
  [
    "one of LiteFS's ports",
    { port: 20202 },
    [
      "port: 20202 is one of LiteFS's own, which are in the same pod. Have the app listen on another port.",
    ],
  ],
  [
    "the guard's port",
    { port: 20204 },
    [
      "port: 20204 is one of LiteFS's own, which are in the same pod. Have the app listen on another port.",
    ],
  ],
  ["no port", { port: 0 }, ["port: 0 is not a port. Write a whole number from 1 to 65535."]],
  [
    "storage that goes with the pod",
    { storage: Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" }) },
    [
      'storage: "ephemeral" goes with the pod, and an empty primary doesn\'t start over data that the others have. Write Storage.claim({ size: "10Gi" }).',
    ],
  ],
  [
    "one claim for all",
    { storage: Storage.existingClaim("notes") },
    [
      'storage: "existingClaim" is one claim, and every pod keeps a copy of its own. Write Storage.claim({ size: "10Gi" }).',
    ],
  ],
  [
    "no database",
    { databases: [] },
    [
      'databases: [] names no database. Write the absolute path of each, for example ["/data/app.db"].',
    ],
  ],
  [
    "databases in two folders",
    { databases: ["/data/a.db", "/data/tenants/b.db"] },
    [
      'databases: ["/data/a.db","/data/tenants/b.db"] lie in different folders, and LiteFS has one, without folders in it. Have the app keep all of them in one folder, for example "/data".',
    ],
  ],
  [
    "a database twice",
    { databases: ["/data/db/a.db", "/data/db/a.db"] },
    ['databases[1]: "/data/db/a.db" is databases[0] again. Name each database once.'],
  ],
  [
    "a directory of databases",
    { databases: [{ dir: "/data", pattern: "*.db", atMost: 3 }] },
    [
      'databases[0]: {"dir":"/data","pattern":"*.db","atMost":3} is not the absolute path of a database; LiteFS takes neither directories nor settings. Write for example "/data/app.db".',
    ],
  ],
  [
    "a database at the top",
    { databases: ["/app.db"] },
    [
      'databases[0]: "/app.db" is not the plain path of a file in a folder: letters, digits and . _ -, no part beginning with a dot. Write for example "/data/app.db".',
    ],
  ],
  [
    "a folder directly below the top, which would be hidden with all that is there",
    { databases: ["/data/app.db"] },
    [
      'databases: "/data/app.db" lies in a folder directly below "/"; LiteFS\'s is in a volume of its own, which takes the place of the folder above. Have the app keep it one level deeper, for example at "/data/db/app.db".',
    ],
  ],
  [
    "the WAL of a database",
    { databases: ["/data/app.db-wal"] },
    [
      'databases[0]: "/data/app.db-wal" is the name of a file that belongs to another database. Write the path of the database itself.',
    ],
  ],
  [
    "the note's name",
    { databases: ["/data/cluster-note.db"] },
    [
      'databases[0]: "/data/cluster-note.db" is what the note about the cluster is called in the replica. Give the database another name.',
    ],
  ],
  [
    "LiteFS's own folder",
    { databases: ["/var/lib/litefs/app.db"] },
    [
      'databases: "/var/lib/litefs" meets a folder of LiteFS\'s own (/var/lib/litefs, /etc/litefs, /var/lib/litefs-backup). Have the app keep its databases elsewhere, for example in "/data".',
    ],
  ],
  [
    "half a pod",
    { replicas: 1.5 },
    ["replicas: 1.5 is not a number of pods. Write a whole number from 1 to 50."],
  ],
  [
    "no router",
    { router: { replicas: 0 } },
    ["router.replicas: 0 is not a number of pods. Write a whole number from 1 to 50."],
  ],
  [
    "a claim for the backup in each pod",
    { replica: Replica.file({ claim: { size: "5Gi" } }) },
    [
      'replica.claim: would be a claim for each pod, and the backup on the primary\'s alone. Name a claim that every node can mount (ReadWriteMany): existingClaim: "backups".',
    ],
  ],
  [
    "NATS",
    {
      replica: Replica.nats({
        url: "nats://nats:4222",
        bucket: "notes",
        credentials: { token: Secret.existing("n") } as never,
      }),
    },
    expect.arrayContaining([
      'replica: "nats" keeps one database in a bucket, and a note of the cluster has to be beside it. Take another type of replica.',
    ]) as never,
  ],
  [
    "no backup",
    { replica: undefined },
    [expect.stringMatching(/^replica: is not a replica\. Write /)],
  ],
  [
    "what an empty primary does",
    { whenPrimaryIsEmpty: "start" },
    ['whenPrimaryIsEmpty: "start" is unknown. Write "refuse", "take-replica" or "restore".'],
  ],
  [
    "a pattern for the router",
    { router: { primaryPaths: ["/login*", "login"] } },
    [
      'router.primaryPaths[0]: "/login*" is not a plain path. Write for example "/login": letters, digits and . _ ~ - between slashes, without a host, a query or a pattern.',
      'router.primaryPaths[1]: "login" is not a plain path. Write for example "/login": letters, digits and . _ ~ - between slashes, without a host, a query or a pattern.',
    ],
  ],
  [
    "paths that are no list",
    { router: { primaryPaths: "/login" } },
    ['router.primaryPaths: "/login" is not a list. Write ["/login"].'],
  ],
  ["too short a lag", { maxLag: "1s" }, ['maxLag: "1s" is less than 2s. Write "2s" or more.']],
  [
    "a device without exec",
    { fuse: { resource: "smarter-devices/fuse" } },
    [
      'fuse: {"resource":"smarter-devices/fuse"} stands without exec, and Kubernetes lets only a privileged container\'s mounts reach another one. Leave it out, or have LiteFS start the app: exec: { command: … }.',
    ],
  ],
  [
    "no device",
    { exec, fuse: { resource: "/dev/fuse" } },
    [
      'fuse.resource: "/dev/fuse" is not the name of a device plugin\'s resource. Write for example "smarter-devices/fuse".',
    ],
  ],
  [
    "a liveness that goes past LiteFS",
    { probes: { liveness: Probe.tcpSocket() } },
    [
      "probes.liveness: can't go through LiteFS, without which nobody notices that the app's files went with a LiteFS that died. Write Probe.httpGet(\"/health\"), or leave it out: LiteFS itself is asked then.",
    ],
  ],
  [
    "a liveness on another port",
    { probes: { liveness: Probe.httpGet("/health", { port: 9000 }) } },
    [
      "probes.liveness.port: 9000 goes past LiteFS's proxy, through which it has to be asked. Leave it out: the app's port is meant then.",
    ],
  ],
  [
    "root",
    { user: 0, allowRoot: true },
    [
      "user: 0 is root, which could write into the folder while LiteFS isn't mounted there, and lose it. Write the id of an ordinary user, for example 1000, or have LiteFS start the app: exec: { command: … }.",
    ],
  ],
  [
    "no command",
    { exec: { command: " ", migrations: [""] } },
    [
      'exec.command: " " is not a command. Write it as one text, for example "/usr/local/bin/notes serve".',
      'exec.migrations[0]: "" is not a command. Write it as one text, for example "/usr/local/bin/notes serve".',
    ],
  ],
  [
    "what doesn't go with exec",
    {
      exec,
      command: ["/notes"],
      litefsImage: "flyio/litefs:0.5",
      probes: { readiness: Probe.httpGet("/health") },
    },
    [
      "command: stands beside exec, and the container's command is LiteFS's. Write it as exec.command.",
      "litefsImage: stands beside exec, where LiteFS is in the app's image. Leave it out.",
      "probes.readiness: stands beside exec, where LiteFS is asked whether the pod follows its primary. Leave it out; liveness may stay.",
    ],
  ],
  [
    "a domain that is none",
    { clusterDomain: "cluster_local" },
    [expect.stringMatching(/^clusterDomain: "cluster_local" is not a DNS label\. /)],
  ],
  [
    "LiteFS's resources beside exec",
    { exec, litefsResources: { limits: { cpu: "1" } } },
    ["litefsResources: stands beside exec, where LiteFS is in the app's image. Leave it out."],
  ],
  [
    "several at once",
    { image: "notes", backup: { interval: "1s", every: "5m" } },
    [
      'image: "notes" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
      "backup.every: is unknown. Take one of interval, retention, resources.",
      'backup.interval: "1s" is less than 5s. Write "5s" or more.',
    ],
  ],
  ["props of another shape", { router: null }, [expect.stringMatching(/^props: can't be read: /)]],
])("%s", (_, props, lines) => {
  expect(clusterProblemsOf(props)).toEqual(lines);
});

test.each(["restricted", "baseline"] as const)("a namespace that is %s", (podSecurity) => {
  const app = newApp();
  const stack = ownStack(app);
  const namespace = new Namespace(stack, "notes", { podSecurity });
  new LitefsCluster(stack, "cluster", { ...GOOD_CLUSTER, namespace });
  expect(failure(app)).toContain(
    `namespace: "notes" enforces Pod Security "${podSecurity}", and LiteFS mounts a file system. Make it with podSecurity: "privileged", for this cluster alone: what else may run in it could take the node over.`,
  );
});

test("what must be known at synth", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "own");
  const text = (name: string) => variable(stack, name, { type: "string" }).stringValue;
  const number = (name: string) => variable(stack, name, { type: "number" }).numberValue;
  new LitefsCluster(stack, "cluster", {
    ...GOOD_CLUSTER,
    name: text("name"),
    port: number("port"),
    replicas: number("replicas"),
    databases: [text("database")],
  });
  const said = failure(app);
  expect(said).toContain(
    "name: is known only at apply, but the addresses of pods are made of it. Write the name itself.",
  );
  expect(said).toContain(
    "port: is known only at apply, but LiteFS's proxy is made for it. Write the port itself.",
  );
  expect(said).toContain(
    "replicas: is known only at apply, but decides what is synthesized. Write the number itself.",
  );
  expect(said).toContain(
    "databases[0]: is known only at apply, but LiteFS is mounted by it. Write the path itself.",
  );
});
