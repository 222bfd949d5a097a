/**
 * `npm run bench`: how long a program takes to synthesize, as a multiple of a bare CDKTF program that
 * makes the same resources. Whole processes, the two in turn, five times; the medians and their ratio.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const RUNS = 5;
const CASES = [
  { what: "quickstart, 1 app", apps: 1, limit: 1.25 },
  { what: "100 apps in one stack", apps: 100, limit: 1.3 },
];
const PROGRAMS = ["ours", "bare"] as const;

/** Runs one program; how many seconds it took, and how many resources of each type it made. */
function run(program: string, apps: number): { seconds: number; resources: string } {
  const outdir = mkdtempSync(join(tmpdir(), "cdktf-sqlite-bench-"));
  const args = ["--import", "tsx", join(__dirname, `${program}.ts`), String(apps)];
  const start = process.hrtime.bigint();
  const { status } = spawnSync("node", args, {
    stdio: "inherit",
    env: { ...process.env, CDKTF_OUTDIR: outdir },
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${program} with ${apps} apps exited ${status}`);
  const { resource } = JSON.parse(
    readFileSync(join(outdir, "stacks/bench/cdk.tf.json"), "utf8"),
  ) as { resource: Record<string, object> };
  rmSync(outdir, { recursive: true });
  const counts = Object.entries(resource).map(
    ([type, all]) => `${Object.keys(all).length} ${type}`,
  );
  return { seconds, resources: counts.sort().join(", ") };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

for (const { what, apps, limit } of CASES) {
  const seconds = { ours: [] as number[], bare: [] as number[] };
  // The first of each isn't counted: it fills the caches of compiled sources and files.
  for (let count = 0; count <= RUNS; count++) {
    const [ours, bare] = PROGRAMS.map((program) => {
      const result = run(program, apps);
      if (count > 0) seconds[program].push(result.seconds);
      return result.resources;
    });
    if (ours !== bare) throw new Error(`the programs differ: ${ours}; ${bare}`);
  }
  const [ours, bare] = [median(seconds.ours), median(seconds.bare)];
  const ratio = (ours / bare).toFixed(2);
  console.log(
    `${what}: ${ours.toFixed(2)} s, bare CDKTF ${bare.toFixed(2)} s, ratio ${ratio} (at most ${limit})`,
  );
}
