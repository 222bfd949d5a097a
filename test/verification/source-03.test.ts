import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackupSource } from "../../src";
import { liveModule } from "../../src/litestream/verification/live-module";
import { metricsModule } from "../../src/litestream/metrics-module";
import { source03Module } from "../../src/litestream/verification/source-03-module";
import type { BackupVerificationConfig } from "../../src/verification/config";
import { verificationFiles } from "../../src/verification/files";
import { withPerl } from "../support/follower";
import { sqliteFile, untemplated } from "../support/proof";

/** What a proof says of a database that 0.3 has restored, with this log, while the app was in WAL 7. */
function proven(log: string, status = 0): string {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-03-"));
  const path = (name: string) => join(folder, name);
  for (const name of ["program", "proof", "report"]) mkdirSync(path(name));
  const files = verificationFiles(
    { assertions: [] } as unknown as BackupVerificationConfig,
    { files: {} } as unknown as BackupSource,
  );
  for (const [name, text] of Object.entries(files))
    writeFileSync(path(`program/${name}`), untemplated(text));
  writeFileSync(path("program/Source.pm"), source03Module);
  writeFileSync(path("program/Live.pm"), liveModule);
  writeFileSync(path("program/Metrics.pm"), metricsModule);
  writeFileSync(path("program/databases"), "/data/a.db\n");
  writeFileSync(path("proof/0.db"), sqliteFile("CREATE TABLE t (x)"));
  writeFileSync(path("proof/0.log"), log);
  writeFileSync(path("proof/0.status"), `${status} 1\n`);
  const metrics = { db_size: 8192, shadow_wal_index: 7, sync_count: 5, sync_error_count: 0 };
  writeFileSync(
    path("proof/metrics"),
    Object.entries(metrics)
      .map(([name, value]) => `litestream_${name}{db="/data/a.db"} ${value}\n`)
      .join(""),
  );
  const { stdout } = spawnSync(
    "perl",
    [path("program/prove.pl"), "20", "end", "notes", "apps", "full", "no"],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        PROOF_FOLDER: path("proof"),
        REPORT_FOLDER: path("report"),
        PROOF_LAG_SECONDS: "1",
        SOURCE_SYNC_SECONDS: "0",
        SOURCE_LOOK_SECONDS: "1",
        SOURCE_PATIENCE_SECONDS: "0",
        SOURCE_METRICS: "127.0.0.1:1",
      },
    },
  );
  return (
    /verification failed: (?:restore|freshness) of \/data\/a\.db: ([^"]*)/.exec(stdout)?.[1] ??
    stdout
  );
}

withPerl("what Litestream 0.3 has restored", () => {
  test.each([
    ["in JSON", '{"msg":"restoring wal files","index_min":0,"index_max":5}'],
    ["in text", 'msg="restoring wal files" index_min=0 index_max=5'],
    ["without a WAL", 'msg="restoring snapshot" index=2'],
  ])("fails when it ends before the WAL that the app is in, as its log says %s", (_, log) => {
    expect(proven(log)).toMatch(
      /^the backup ends in WAL [25], the app was in WAL 7 already: what it writes doesn't arrive$/,
    );
  });

  test("may end in the WAL before it: whether more arrives is asked of the metrics", () => {
    expect(proven('{"msg":"restoring wal files","index_min":0,"index_max":6}')).toMatch(
      /^the app's metrics can't be read any more: /,
    );
  });

  test("fails with what 0.3 said", () => {
    expect(proven("no matching backups found\n", 1)).toBe("no matching backups found");
  });
});
