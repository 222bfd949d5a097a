import {
  LitestreamApp,
  type LitestreamAppProps,
  manifests,
  NfsShare,
  type NfsShareProps,
  Replica,
  Storage,
} from "../../src";
import { failure, GOOD, newApp, ownStack, problemsOf, synthesized } from "../support/synth";

const SHARE: NfsShareProps = { namespace: "notes", server: "nas.example.com", path: "/backups" };

function objectsOf(props: Partial<NfsShareProps> = {}): Record<string, any> {
  const app = newApp();
  new NfsShare(ownStack(app), "share", { ...SHARE, ...props });
  return Object.fromEntries(manifests(synthesized(app)).map((object) => [object.kind, object]));
}

test("a share is a volume that stays, and a claim of no class that only it fits", () => {
  const { PersistentVolume, PersistentVolumeClaim } = objectsOf({ mountOptions: ["nfsvers=4.1"] });
  expect(PersistentVolume).toMatchObject({
    metadata: { name: "notes-share" },
    spec: {
      accessModes: ["ReadWriteMany"],
      capacity: { storage: "1Ti" },
      persistentVolumeReclaimPolicy: "Retain",
      mountOptions: ["nfsvers=4.1"],
      claimRef: { name: "share", namespace: "notes" },
      nfs: { server: "nas.example.com", path: "/backups" },
    },
  });
  expect(PersistentVolume.spec.storageClassName).toBeUndefined();
  expect(PersistentVolumeClaim).toMatchObject({
    metadata: { name: "share", annotations: { "volume.beta.kubernetes.io/storage-class": "" } },
    spec: { accessModes: ["ReadWriteMany"], volumeName: "notes-share" },
  });
  expect(PersistentVolumeClaim.spec.storageClassName).toBeUndefined();
});

test.each<[string, Partial<NfsShareProps>, string]>([
  [
    "server and folder in one",
    { server: "nas:/backups" },
    'server: "nas:/backups" is not the name or address of a server. Write for example "nas.example.com", and the folder into path.',
  ],
  [
    "a relative folder",
    { path: "backups" },
    'path: "backups" is not the absolute path of an exported folder. Write for example "/export/backups".',
  ],
  [
    "a size that isn't one",
    { size: "big" },
    'size: "big" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
])("%s is refused", (_, props, message) => {
  const app = newApp();
  new NfsShare(ownStack(app), "share", { ...SHARE, ...props });
  expect(failure(app)).toContain(`own/share\n  ${message}\n`);
});

describe("a live database on a share", () => {
  const problems = (props: (share: NfsShare) => Partial<LitestreamAppProps>) => {
    const app = newApp();
    const stack = ownStack(app);
    const share = new NfsShare(stack, "share", SHARE);
    new LitestreamApp(stack, "notes", { ...GOOD, ...props(share) });
    return () => synthesized(app);
  };
  const wrong =
    "is on the NFS share own/share, where SQLite's locks don't work. Put the databases on Storage.claim({ size: \"…\" }) or Storage.ephemeral({…}); only the replica may lie on NFS.";

  test("is refused", () => {
    expect(problems(({ claimName }) => ({ storage: Storage.existingClaim(claimName) }))).toThrow(
      `storage: "share" ${wrong}`,
    );
  });

  test("is refused on a further volume too", () => {
    expect(
      problems(({ claimName }) => ({
        databases: ["/data/a.db", "/more/b.db"],
        volumes: [{ mountPath: "/more", storage: Storage.existingClaim(claimName) }],
      })),
    ).toThrow(`volumes[0].storage: "share" ${wrong}`);
  });

  test("is not what a replica or other files are", () => {
    expect(
      problems(({ claimName }) => ({
        replica: Replica.file({ existingClaim: claimName }),
        volumes: [{ mountPath: "/uploads", storage: Storage.existingClaim(claimName) }],
      })),
    ).not.toThrow();
  });
});

test.each(["litestream.yaml", "/etc/litestream", "/etc/litestream/other.yml"])(
  "Litestream's file can't be at %s",
  (litestreamConfigPath) => {
    expect(problemsOf({ litestreamConfigPath })).toEqual([
      `litestreamConfigPath: "${litestreamConfigPath}" is not the path of a YAML file outside Litestream's own folders. Write for example "/etc/litestream.yaml", or leave it out.`,
    ]);
  },
);
