import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followerFiles } from "../../src/litestream/readers/files";

/** A folder with the follower's program, and a stand-in for Litestream if one is given. */
export function followerFolder(litestream?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-follower-"));
  for (const [name, text] of Object.entries(followerFiles)) writeFileSync(join(folder, name), text);
  if (litestream !== undefined) {
    writeFileSync(join(folder, "litestream"), litestream);
    chmodSync(join(folder, "litestream"), 0o755);
  }
  return folder;
}

/** `describe`, or `describe.skip` with the reason in its name where the program can't run. */
export function withPerl(name: string, body: () => void): void {
  const perl = spawnSync("perl", ["-MIO::Socket::IP", "-e", "1"]).status === 0;
  if (process.platform === "linux" && perl) describe(name, body);
  else describe.skip(`${name} (skipped: needs Linux and Perl)`, body);
}
