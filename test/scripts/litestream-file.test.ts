import { parse } from "yaml";
import {
  databaseEntry,
  fileInDirectory,
  litestreamText,
  readLitestreamFiles,
  singlePaths,
} from "../../scripts/cluster/litestream-file";

const marked = (dir: string) =>
  `dbs:\n  - path: "${dir}/@LITESTREAM_DATABASE@"\n    replica: { path: "x/@LITESTREAM_DATABASE@" }`;

const FILES = readLitestreamFiles({
  "litestream.yml": `addr: :9090
dbs:
  - path: /data/a.db
    replica: { type: s3 }
  - path: "/data/\${LITESTREAM_DOLLAR}b.db"
    replica: { type: file }
  - dir: /data/tenants
    pattern: "*.db"
    replica: { type: s3 }
  - dir: "/data/\${LITESTREAM_DOLLAR}deep"
    pattern: "*.db"
    recursive: true
    replica: { type: s3 }`,
  "directory-0.yml": `level: x\n${marked("/data/tenants")}`,
  "directory-1.yml": marked("/data/${LITESTREAM_DOLLAR}deep"),
});

test("databases with an entry of their own are found by the path that is meant", () => {
  expect(singlePaths(FILES)).toEqual(["/data/a.db", "/data/$b.db"]);
  expect(databaseEntry(FILES, "/data/$b.db")?.replica).toEqual({ type: "file" });
  expect(fileInDirectory(FILES, "/data/a.db")).toBeUndefined();
});

test("one of a directory has the file that Litestream takes for it, whatever its name", () => {
  const path = '/data/tenants/$&"y\\.db';
  const named = '${LITESTREAM_DOLLAR}&"y\\.db';
  const entry = { path: `/data/tenants/${named}`, replica: { path: `x/${named}` } };
  const file = fileInDirectory(FILES, path);
  expect(file).toEqual({ level: "x", dbs: [entry] });
  expect(file && parse(litestreamText(file))).toEqual({ level: "x", dbs: [entry] });
  expect(databaseEntry(FILES, path)).toEqual(entry);
});

test.each<[string, string | undefined]>([
  ["/data/tenants/sub/a.db", undefined],
  ["/data/tenants/", undefined],
  ["/data/tenants/a\nb.db", undefined],
  ["/data/tenants.db", undefined],
  ["/data/$deep/sub/a.db", "/data/${LITESTREAM_DOLLAR}deep/sub/a.db"],
  ["/data/$deep/../a.db", undefined],
  ["/data/$deep/sub/../a.db", undefined],
])("%j is in a directory or not", (path, found) =>
  expect(databaseEntry(FILES, path)?.path).toBe(found),
);

test("a ConfigMap without the files has no databases", () => {
  expect(readLitestreamFiles({})).toEqual({ file: { dbs: [] }, templates: [] });
  const lost = readLitestreamFiles({ "litestream.yml": "dbs: [{ dir: /data, pattern: x }]" });
  expect(databaseEntry(lost, "/data/x")).toBeUndefined();
});
