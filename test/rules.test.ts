import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ALERTS_DEFAULTS } from "../src/alerting/config";
import { LITEFS_DEFAULTS } from "../src/litefs/defaults";
import { DEFAULTS } from "../src/litestream/defaults";
import { RQLITE_DEFAULTS } from "../src/rqlite/defaults";
import { VERIFICATION_DEFAULTS } from "../src/verification/config";

const root = join(__dirname, "..");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .sort();
const source = (path: string) => readFileSync(join(root, "src", path), "utf8");
const sourcesWith = (pattern: RegExp) => sources.filter((path) => pattern.test(source(path)));

test("only these files work around the bindings, or do without", () => {
  expect(sourcesWith(/addOverride|synthesizeAttributes/)).toEqual([
    "kubernetes/cron-job.ts",
    "kubernetes/provider.ts",
    "kubernetes/stateful-set.ts",
    "terraform/unbound.ts",
    "terraform/variable.ts",
  ]);
});

test("only one file knows CDKTF's tokens", () => {
  expect(sourcesWith(/Tokenization|Fn\.|Lazy\./)).toEqual(["terraform/expression.ts"]);
});

test("what stands left of the pod is pure: no construct, no input or output", () => {
  const right =
    /^(index|summary|litestream\/(app|readers|resources)|litefs\/(cluster|network|resources)|kubernetes\/(cron-job|ingress-resource|namespace|nfs-share|night|provider|resource|stack|stateful-set|write-only-secret)|rqlite\/(cluster|resources)|verification\/(resources|verification)|alerting\/(alerts|resources)|services\/(address|bucket|check|healthchecks|minio|user)|terraform\/(checks|expression|stack|unbound|variable))\.ts$/;
  const impure = sourcesWith(
    /^import (?!type).*from "(cdktf|constructs|node:fs|node:child_process|@cdktf[^"]*)"/m,
  );
  expect(impure.filter((path) => !right.test(path))).toEqual([]);
});

test("no versionless resource of the provider, which 3.x deprecates", () => {
  const bindings = sources.flatMap((path) =>
    [...source(path).matchAll(/provider-kubernetes\/lib\/([\w-]+)/g)].map(([, name]) => name),
  );
  expect(bindings.filter((name) => name !== "provider" && !/-v\d$/.test(name ?? ""))).toEqual([]);
});

/** What the comment on an optional prop says of its default. */
function documentedIn(props: string, name: string): string | undefined {
  const before = props.slice(0, props.indexOf(`  readonly ${name}?:`));
  return /@default (.*?)(?: \*\/)?\n/.exec(before.slice(before.lastIndexOf("/**")))?.[1];
}

interface Amounts {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}
const amounts = ({ requests, limits }: Amounts) =>
  `requests of ${requests.cpu} CPU and ${requests.memory}, limits of ${limits.cpu} CPU and ${limits.memory}`;

describe("the documented default is the one that holds", () => {
  const props = source("litestream/props.ts");
  const documented = (name: string) => documentedIn(props, name);

  test.each([
    ["litestreamImage", `"${DEFAULTS.litestreamImage}"`],
    ["rcloneImage", `"${DEFAULTS.rcloneImage}"`],
    ["version", `"${DEFAULTS.version}"`],
    ["sidecar", `"${DEFAULTS.sidecar}"`],
    ["metricsPort", `${DEFAULTS.metricsPort}`],
    ["restoreIntegrityCheck", `"${DEFAULTS.restoreIntegrityCheck}"`],
    ["stopTimeout", `"${DEFAULTS.stopTimeout}"`],
    ["litestreamResources", amounts(DEFAULTS.litestreamResources)],
  ])("%s", (name, value) => {
    expect(documented(name)).toBe(value);
  });

  test("Litestream's settings", () => {
    expect(DEFAULTS.snapshotInterval).toBe("24h");
    expect(DEFAULTS.snapshotRetention).toBe(`${14 * 24}h`);
    expect(props).toContain(
      "Snapshots are taken every 24 h and kept for 336 h (14 days); the last sync is\n   * tried for 30 s on a claim, for 5 min on ephemeral storage",
    );
    expect([DEFAULTS.shutdownSyncTimeout, DEFAULTS.shutdownSyncTimeoutEphemeral]).toEqual([
      "30s",
      "5m",
    ]);
  });

  const D = VERIFICATION_DEFAULTS;
  test.each([
    ["integrityCheck", `"${D.integrityCheck}"`],
    ["maxLag", `"${D.maxLag}"`],
    ["deadline", `"${D.deadline}"`],
    ["curlImage", `"${D.curlImage}"`],
    ["resources", amounts(D.resources)],
  ])("a verification's %s", (name, value) => {
    expect(documentedIn(source("verification/props.ts"), name)).toBe(value);
  });

  const R = RQLITE_DEFAULTS;
  test.each([
    ["props.ts", "version", `"${R.version}"`],
    ["props.ts", "voters", `${R.voters}`],
    ["props.ts", "spread", `"${R.spread}"`],
    ["props.ts", "startupTimeout", `"${R.startupTimeout}", and a restore's timeout`],
    ["props.ts", "curlImage", `"${R.curlImage}"`],
    ["backup.ts", "interval", `"${R.backupInterval}"`],
    ["backup.ts", "timeout", `"${R.restoreTimeout}"`],
    ["s3.ts", "region", `"${R.region}"`],
    ["s3.ts", "accessKeyIdKey", `"${R.accessKeyIdKey}"`],
    ["s3.ts", "secretAccessKeyKey", `"${R.secretAccessKeyKey}"`],
  ])("rqlite's %s: %s", (file, name, value) => {
    expect(documentedIn(source(`rqlite/${file}`), name)).toBe(value);
  });
  test("the resources of rqlite's nodes", () => {
    const cluster = source("rqlite/props.ts").split("export interface RqliteClusterProps")[1] ?? "";
    expect(documentedIn(cluster, "resources")).toBe(amounts(R.resources));
  });

  const L = LITEFS_DEFAULTS;
  test.each([
    ["replicas?: number;\n  /** Files", `${L.replicas}`],
    ["replicas?: number;\n  /**\n   * An official", `${L.routerReplicas}`],
    ["clusterDomain?", `"${L.clusterDomain}"`],
    ["litefsImage?", `"${L.litefsImage}"`],
    ["litestreamImage?", `"${L.litestreamImage}"`],
    ["image?", `"${L.routerImage}"`],
    ["maxLag?", `"${L.maxLag}"`],
    ["retention?: string;\n  /** @default requests", `"${L.backupRetention}"`],
    ["retention?: string;\n  /**\n   * An image", `"${L.retention}"`],
    ["stopTimeout?", `"${L.stopTimeout}"`],
    ["interval?", `"${L.backupInterval}"`],
    ["whenPrimaryIsEmpty?", `"${L.whenPrimaryIsEmpty}"`],
    ["litefsResources?", amounts(L.litefsResources)],
    ["resources?: ContainerResources;\n}\n\n/** When", amounts(L.routerResources)],
    [
      "resources?: ContainerResources;\n}\n\nexport interface LitefsClusterProps",
      amounts(L.backupResources),
    ],
  ])("a LiteFS cluster's %s", (prop, value) => {
    const text = source("litefs/props.ts");
    const at = text.indexOf(`  readonly ${prop}`);
    expect(at).toBeGreaterThan(0);
    const before = text.slice(0, at);
    const documented = /@default (.*?)(?: \*\/)?\n/.exec(
      before.slice(before.lastIndexOf("/**")),
    )?.[1];
    expect(documented).toBe(value);
  });

  const A = ALERTS_DEFAULTS;
  test.each([
    ["burst", `${A.burst}`],
    ["window", `"${A.window}"`],
    ["longestWindow", `"${A.longestWindow}"`],
    ["every", `"${A.every}"`],
    ["logFolder", `"${A.logFolder}"`],
    ["resources", amounts(A.resources)],
    ["image", `"${A.image}"`],
    ["shellImage", `"${A.shellImage}"`],
  ])("the alerts' %s", (name, value) => {
    expect(documentedIn(source("alerting/props.ts"), name)).toBe(value);
  });
});
