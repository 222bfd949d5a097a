import { createHash } from "node:crypto";
import { LitestreamApp, type Manifest, manifests, Namespace, Storage, variable } from "../../src";
import { appProblems } from "../../src/litestream/app-problems";
import { GOOD, newApp, objectsOf, ownStack, problemsOf, synthesized } from "../support/synth";

const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;
const FOLDER = { mountPath: "/etc/notes", files: { "a.yml": "a: ${b}\n", ".env": "" } };
const FILE = { path: "/data/conf/app.ini", text: "[app]" };
const ELSEWHERE = { mountPath: "/etc/more", configMap: "more" };

/** What is made for an app with such files, all of it. */
function made(files: object[] | ((any: string) => object[]), any = "") {
  const app = newApp();
  const stack = ownStack(app);
  const { stringValue } = variable(stack, "any", { type: "string" });
  const configFiles = (Array.isArray(files) ? files : files(stringValue)) as never;
  new LitestreamApp(stack, "notes", { ...GOOD, configFiles });
  const objects: Manifest[] = manifests(synthesized(app), { any });
  const find = (kind: string, name: string): any =>
    objects.find((one) => one.kind === kind && one.metadata.name === name);
  return { find, pod: find("StatefulSet", "notes").spec.template };
}

test("a folder of files is a ConfigMap of its own, read-only in the app's container alone", () => {
  const { find, pod } = made([FOLDER]);
  expect(find("ConfigMap", "notes-files-etc-notes")).toMatchObject({
    metadata: { namespace: "notes", labels: { "app.kubernetes.io/name": "notes" } },
    data: FOLDER.files,
  });
  const volume = { name: "files-etc-notes", configMap: { name: "notes-files-etc-notes" } };
  expect(pod.spec.volumes).toContainEqual(volume);
  const mount = { name: "files-etc-notes", mountPath: "/etc/notes", readOnly: true };
  expect(pod.spec.containers[0].volumeMounts).toContainEqual(mount);
  expect(JSON.stringify(pod.spec.initContainers)).not.toContain("files-etc-notes");
});

test("a single file lies among others", () => {
  const { find, pod } = made([FILE]);
  expect(find("ConfigMap", "notes-files-data-conf-app-ini").data).toEqual({ "app.ini": "[app]" });
  expect(pod.spec.containers[0].volumeMounts).toContainEqual({
    name: "files-data-conf-app-ini",
    mountPath: "/data/conf/app.ini",
    subPath: "app.ini",
    readOnly: true,
  });
});

test("a ConfigMap made elsewhere is only mounted", () => {
  const { find, pod } = made([ELSEWHERE]);
  expect(find("ConfigMap", "more")).toBeUndefined();
  expect(pod.spec.volumes).toContainEqual({ name: "files-etc-more", configMap: { name: "more" } });
  expect(pod.metadata.annotations).not.toHaveProperty(["cdktf-sqlite/files-checksum"]);
});

test("another text replaces the pod, and one known at apply does so too", () => {
  const checksum = (text?: string, value?: string) =>
    made((any) => [{ ...FILE, text: text ?? any }, FOLDER], value).pod.metadata.annotations[
      "cdktf-sqlite/files-checksum"
    ];
  const sum = createHash("sha256")
    .update(JSON.stringify([{ "app.ini": "one" }, { ".env": "", "a.yml": "a: ${b}\n" }]))
    .digest("hex");
  expect(checksum("one")).toBe(sum);
  expect(checksum("two")).not.toBe(sum);
  expect(checksum(undefined, "one")).toBe(sum);
});

test("pods without such files stay as they are", () => {
  expect(Object.keys(objectsOf().StatefulSet.spec.template.metadata.annotations)).toEqual([
    "cdktf-sqlite/config-checksum",
  ]);
});

test("Terraform knows them by namespace and name, and makes them after the one and before the pod", () => {
  const app = newApp();
  const stack = ownStack(app);
  const namespace = new Namespace(stack, "apps");
  const configFiles = [FOLDER, ELSEWHERE];
  const { fileMaps } = new LitestreamApp(stack, "notes", { ...GOOD, namespace, configFiles });
  expect(fileMaps.map(({ friendlyUniqueId }) => friendlyUniqueId)).toEqual([
    "apps_notes-files-etc-notes",
  ]);
  const { kubernetes_config_map_v1: maps, kubernetes_stateful_set_v1: sets } = synthesized(app)
    .resource as Record<string, any>;
  expect(maps["apps_notes-files-etc-notes"].depends_on).toEqual(["kubernetes_namespace_v1.apps"]);
  expect(sets.apps_notes.depends_on).toContain(
    "kubernetes_config_map_v1.apps_notes-files-etc-notes",
  );
});

test("texts and names known only at apply are left to Terraform", () => {
  const configFiles = [
    { mountPath: "/a", files: { "a.yml": expression } },
    { mountPath: "/b", configMap: expression },
    { path: "/c.yml", text: `a${expression}` },
  ];
  expect(appProblems("notes", { ...GOOD, configFiles })).toEqual([]);
});

const files = { "a.yml": "a" };
const EITHER =
  'Write { path: "/etc/app.yml", text: "…" } for one file, { mountPath: "/etc/app", files: { … } } for a folder.';

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, unknown, string][] = [
  [
    "one entry instead of a list",
    FOLDER,
    'configFiles: is not a list. Write [{ mountPath: "/etc/app", files: { "app.yml": "…" } }].',
  ],
  [
    "a path alone",
    ["/etc/app.yml"],
    'configFiles[0]: "/etc/app.yml" is neither a folder nor a file. Write { mountPath: "/etc/app", files: { "app.yml": "…" } }, or { path: "/etc/app.yml", text: "…" }.',
  ],
  [
    "no files",
    [{ mountPath: "/etc/app" }],
    'configFiles[0].files: is missing. Write files: { "app.yml": "…" }, or the name of a ConfigMap that is there: configMap: "notes-config".',
  ],
  [
    "files and a ConfigMap",
    [{ ...ELSEWHERE, files }],
    'configFiles[0].files: stands beside configMap, which has files of its own. Write files: { "app.yml": "…" }, or the name of a ConfigMap that is there: configMap: "notes-config".',
  ],
  [
    "an empty folder",
    [{ mountPath: "/etc/app", files: {} }],
    'configFiles[0].files: {} names no file. Write { "app.yml": "…" }, or leave the entry out.',
  ],
  [
    "files as a list",
    [{ mountPath: "/etc/app", files: ["a"] }],
    'configFiles[0].files: ["a"] is no map of texts by name. Write { "app.yml": "…" }; each text may be an expression.',
  ],
  [
    "a file in a folder below",
    [{ mountPath: "/etc/app", files: { "conf.d/a.yml": "a" } }],
    'configFiles[0].files["conf.d/a.yml"]: is not a plain file name. Write letters, digits, "-", "_" and "."; a folder below is an entry of its own.',
  ],
  [
    "a file name with a space",
    [{ path: "/etc/my app.yml", text: "a" }],
    'configFiles[0].path: "my app.yml" is not a plain file name. Write letters, digits, "-", "_" and ".".',
  ],
  [
    "a file called ..",
    [{ mountPath: "/etc/app", files: { "..": "a" } }],
    'configFiles[0].files[".."]: is not a plain file name. Write letters, digits, "-", "_" and ".".',
  ],
  [
    "an object instead of its text",
    [{ mountPath: "/etc/app", files: { "a.json": { a: 1 } } }],
    'configFiles[0].files["a.json"]: {"a":1} is not text. Write a text, or leave it out.',
  ],
  [
    "more than a ConfigMap holds",
    [{ mountPath: "/etc/app", files: { a: "ä".repeat(524_288), b: "b" } }],
    "configFiles[0].files: has 1048577 bytes, more than the 1048576 that fit into a ConfigMap. Divide them into several entries, or put large files into the image or on a volume.",
  ],
  [
    "a large file",
    [{ path: "/etc/app.yml", text: "a".repeat(1_048_577) }],
    "configFiles[0].text: has 1048577 bytes, more than the 1048576 that fit into a ConfigMap. Divide them into several entries, or put large files into the image or on a volume.",
  ],
  [
    "a ConfigMap's name with capitals",
    [{ mountPath: "/etc/app", configMap: "App" }],
    'configFiles[0].configMap: "App" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "app".',
  ],
  ["a file without a text", [{ path: "/etc/a.yml" }], `configFiles[0].text: is missing. ${EITHER}`],
  ["a text without a path", [{ text: "a" }], `configFiles[0].path: is missing. ${EITHER}`],
  [
    "a file that is a folder too",
    [{ path: "/etc/a.yml", text: "a", files }],
    `configFiles[0].files: belongs to a folder, and path and text to one file. ${EITHER}`,
  ],
  [
    "a mistyped field",
    [{ mountPath: "/etc/app", files, readonly: true }],
    "configFiles[0].readonly: is unknown. Take one of mountPath, files, configMap, path, text.",
  ],
  [
    "a relative folder",
    [{ mountPath: "etc/app", files }],
    'configFiles[0].mountPath: "etc/app" is not the absolute path of a folder below "/". Write for example "/etc/app".',
  ],
  [
    "a relative file",
    [{ path: "app.yml", text: "a" }],
    'configFiles[0].path: "app.yml" is not the absolute path of a file. Write for example "/etc/app.yml".',
  ],
  [
    "a path with ..",
    [{ mountPath: "/etc/../data", files }],
    'configFiles[0].mountPath: "/etc/../data" is not the absolute path of a folder below "/". Write for example "/etc/app".',
  ],
  [
    "all of the container",
    [{ mountPath: "/", files }],
    'configFiles[0].mountPath: "/" is not the absolute path of a folder below "/". Write for example "/etc/app".',
  ],
  [
    "a folder known at apply",
    [{ mountPath: expression, files }],
    'configFiles[0].mountPath: is known only at apply, but the volume is named after it. Write the path itself, for example "/etc/app".',
  ],
  [
    "Litestream's folder",
    [{ path: "/etc/litestream/litestream.yml", text: "a" }],
    'configFiles[0].path: "/etc/litestream/litestream.yml" meets a folder of Litestream\'s containers (/etc/litestream, /run/litestream, /replica, /restore-from, /run/secrets). Mount it elsewhere, for example at "/etc/app.yml".',
  ],
  [
    "the databases' folder",
    [{ mountPath: "/data", files }],
    'configFiles[0].mountPath: "/data" meets /data, where a volume of the app is. Mount the folder elsewhere, for example at "/etc/app". A single file may lie there: { path: "…", text: "…" }.',
  ],
  [
    "a folder below the databases'",
    [{ mountPath: "/data/conf", files }],
    'configFiles[0].mountPath: "/data/conf" meets /data, where a volume of the app is. Mount the folder elsewhere, for example at "/etc/app". A single file may lie there: { path: "…", text: "…" }.',
  ],
  [
    "a folder above another volume",
    [{ mountPath: "/srv", files }],
    'configFiles[0].mountPath: "/srv" meets /srv/uploads, where a volume of the app is. Mount the folder elsewhere, for example at "/etc/app". A single file may lie there: { path: "…", text: "…" }.',
  ],
  [
    "a file where a volume is",
    [{ path: "/srv/uploads", text: "a" }],
    'configFiles[0].path: "/srv/uploads" meets /srv/uploads, where a volume of the app is. Write the path of a file in it.',
  ],
  [
    "a file in the place of a database",
    [{ path: "/data/notes.db", text: "a" }],
    'configFiles[0].path: "/data/notes.db" is where databases are. Write another path.',
  ],
  [
    "a file in the place of its WAL",
    [{ path: "/data/notes.db-wal", text: "a" }],
    'configFiles[0].path: "/data/notes.db-wal" is where databases are. Write another path.',
  ],
  [
    "a folder twice",
    [FOLDER, { mountPath: "/etc/notes", configMap: "more" }],
    'configFiles[1].mountPath: "/etc/notes" meets configFiles[0], whose files are all that is there. Make one entry of the two, or mount one of them elsewhere.',
  ],
  [
    "a file in such a folder",
    [FOLDER, { path: "/etc/notes/b.yml", text: "b" }],
    'configFiles[1].path: "/etc/notes/b.yml" meets configFiles[0], whose files are all that is there. Make one entry of the two, or mount one of them elsewhere.',
  ],
  [
    "two folders of one name",
    [FOLDER, { mountPath: "/etc-notes", files }],
    'configFiles[1].mountPath: "/etc-notes" gives the volume the name files-etc-notes, as another one does. Mount one of the two elsewhere.',
  ],
];

test.each(CASES)("%s", (_, configFiles, message) => {
  const volumes = [{ mountPath: "/srv/uploads", storage: Storage.existingClaim("uploads") }];
  expect(problemsOf({ configFiles, volumes })).toEqual([message]);
});

test("a file among tenants' databases", () => {
  const props = {
    databases: [{ dir: "/data/tenants", pattern: "*.db", atMost: 5 }],
    mountPath: "/data",
    configFiles: [{ path: "/data/tenants/a.db", text: "a" }],
  };
  expect(problemsOf(props)).toEqual([
    'configFiles[0].path: "/data/tenants/a.db" is where databases are. Write another path.',
  ]);
});

test("everything wrong with some files is said at once", () => {
  const configFiles = [
    { mountPath: "etc", files: { "a/b": 1 }, mode: "0644" },
    { path: "/data/notes.db", text: 2 },
    "a",
  ];
  expect(problemsOf({ configFiles })).toHaveLength(7);
});
