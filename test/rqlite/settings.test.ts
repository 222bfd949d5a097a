import type { RqliteSettings } from "../../src";
import { has, OWN_FLAGS, SETTINGS, settingOf } from "../../src/rqlite/flags";
import { atLeast } from "../../src/rqlite/version";
import { clusterObjects, clusterProblems, EVERY_SETTING, flagsOf } from "../support/rqlite";

/** The flags that 8.26.8 and 10.2.7 get of every setting. */
const FLAGS: Record<keyof RqliteSettings, [old: string | undefined, recent: string | undefined]> = {
  foreignKeys: ["-fk=true", "-fk=true"],
  autoVacuumInterval: ["-auto-vacuum-int=12h", "-auto-vacuum-int=12h"],
  autoOptimizeInterval: [undefined, "-auto-optimize-int=6h"],
  onDiskPath: ["-on-disk-path=/rqlite/file/app.db", undefined],
  readOnlyConnections: [undefined, "-db-max-ro-conns=8"],
  allowOrigin: ["-http-allow-origin=https://example.com", "-http-allow-origin=https://example.com"],
  extensionPaths: [undefined, "-extensions-path=/opt/extensions/icu.zip,/opt/extensions/misc.zip"],
  clusterConnectTimeout: ["-cluster-connect-timeout=20s", "-cluster-connect-timeout=20s"],
  raftLogLevel: ["-raft-log-level=INFO", "-raft-log-level=INFO"],
  heartbeatTimeout: ["-raft-timeout=2s", "-raft-heartbeat-timeout=2s"],
  electionTimeout: ["-raft-election-timeout=3s", "-raft-election-timeout=3s"],
  applyTimeout: ["-raft-apply-timeout=15s", "-raft-apply-timeout=15s"],
  leaderLeaseTimeout: ["-raft-leader-lease-timeout=500ms", "-raft-leader-lease-timeout=500ms"],
  commitTimeout: [undefined, "-raft-commit-timeout=100ms"],
  snapshotThreshold: ["-raft-snap=4096", "-raft-snap=4096"],
  snapshotWalBytes: ["-raft-snap-wal-size=8388608", "-raft-snap-wal-size=8388608"],
  snapshotInterval: ["-raft-snap-int=20s", "-raft-snap-int=20s"],
  compressSnapshots: [undefined, "-compress-snap-transport=true"],
  reapReadersAfter: [
    "-raft-reap-read-only-node-timeout=30m",
    "-raft-reap-read-only-node-timeout=30m",
  ],
  writeQueueCapacity: ["-write-queue-capacity=2048", "-write-queue-capacity=2048"],
  writeQueueBatchSize: ["-write-queue-batch-size=256", "-write-queue-batch-size=256"],
  writeQueueTimeout: ["-write-queue-timeout=100ms", "-write-queue-timeout=100ms"],
  writeQueueTransaction: ["-write-queue-tx=true", "-write-queue-tx=true"],
};

describe.each([
  ["8.26.8", 0],
  ["10.2.7", 1],
] as const)("rqlite %s", (version, index) => {
  test("gets every setting that it has by its flag there", () => {
    const there = Object.entries(FLAGS).filter(([, flags]) => flags[index] !== undefined);
    const settings = Object.fromEntries(
      there.map(([name]) => [name, EVERY_SETTING[name as keyof RqliteSettings]]),
    );
    const flags = flagsOf(clusterObjects({ version, settings }));
    const own = flagsOf(clusterObjects({ version }));
    expect(flags.filter((flag) => !own.includes(flag))).toEqual(
      there.map(([, found]) => found[index]),
    );
  });

  test("refuses every setting that it doesn't have, with the versions that do", () => {
    const missing = Object.entries(FLAGS).filter(([, flags]) => flags[index] === undefined);
    const settings = Object.fromEntries(
      missing.map(([name]) => [name, EVERY_SETTING[name as keyof RqliteSettings]]),
    );
    const problems = clusterProblems({ version, settings });
    expect(problems).toHaveLength(missing.length);
    for (const problem of problems)
      expect(problem).toMatch(
        /^settings\.\w+: .* is no setting of rqlite [\d.]+, which has it (from|before) [\d.]+\. Leave it out, or declare another version\.$/,
      );
  });
});

test("a renamed flag belongs to one setting, and no version has both names", () => {
  for (const [name, { flags }] of Object.entries(SETTINGS))
    for (const version of ["8.26.8", "8.27.0", "9.0.0", "9.4.5", "10.0.0", "10.0.3", "10.2.7"]) {
      expect(flags.filter((flag) => has(version, flag)).length).toBeLessThanOrEqual(1);
      for (const flag of flags) expect(settingOf(flag.name)).toBe(name);
    }
});

test("no flag is both a setting and the cluster's own", () => {
  expect(Object.keys(OWN_FLAGS).filter((name) => settingOf(name) !== undefined)).toEqual([]);
});

test.each([
  ["10.2.7", "10.2.7", true],
  ["10.2.7", "9.4.5", true],
  ["9.4.5", "10.0.0", false],
  ["8.26.8", "8.26.9", false],
  ["8.27.0", "8.26.9", true],
])("%s is at least %s: %s", (version, other, is) => {
  expect(atLeast(version, other)).toBe(is);
});

test.each([
  [
    { autoVacuumInterval: "1d" },
    'settings.autoVacuumInterval: "1d" is not a duration. Go durations have no days: write "24h".',
  ],
  [
    { snapshotThreshold: 0 },
    "settings.snapshotThreshold: 0 is out of range. Write a whole number from 1.",
  ],
  [
    { snapshotWalBytes: -1 },
    "settings.snapshotWalBytes: -1 is out of range. Write a whole number from 0.",
  ],
  [
    { raftLogLevel: "TRACE" },
    'settings.raftLogLevel: "TRACE" is unknown. Write one of DEBUG, INFO, WARN, ERROR.',
  ],
  [
    { foreignKeys: "yes" },
    "settings.foreignKeys: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    { extensionPaths: ["icu.zip"] },
    'settings.extensionPaths: ["icu.zip"] is not a list of absolute paths. Write for example ["/opt/extensions/icu.zip"].',
  ],
  [{ allowOrigin: "" }, 'settings.allowOrigin: "" is not text. Write a text, or leave it out.'],
  [
    { snapshots: 1 },
    expect.stringMatching(/^settings\.snapshots: is unknown\. Take one of foreignKeys, /),
  ],
])("settings %j are refused", (settings, message) => {
  expect(clusterProblems({ settings })).toEqual([message]);
});

test.each(["/data/app.db", "/rqlite/file/../app.db", "app.db"])(
  "an on-disk path %s that isn't on the volume is refused",
  (onDiskPath) => {
    expect(clusterProblems({ version: "9.4.5", settings: { onDiskPath } })).toEqual([
      `settings.onDiskPath: "${onDiskPath}" is not a file on the node's volume. Write for example "/rqlite/file/app.db".`,
    ]);
  },
);

test("further flags reach rqlited as they are", () => {
  const flags = flagsOf(clusterObjects({ extraArgs: ["-cpu-profile=/rqlite/file/${cpu}"] }));
  expect(flags.at(-1)).toBe("-cpu-profile=/rqlite/file/${cpu}");
});

test.each(Object.entries(OWN_FLAGS))("a further flag -%s would contradict %s", (name, own) => {
  const see = /^[a-z.]+$/.test(own) ? `Leave it out, and see ${own}.` : "Leave it out.";
  expect(clusterProblems({ extraArgs: [`-${name}=x`] })).toEqual([
    `extraArgs[0]: "-${name}=x" contradicts what ${own} sets. ${see}`,
  ]);
});

test.each([
  [
    "--fk=true",
    'extraArgs[0]: "--fk=true" is a setting, whose value and version are checked. Write settings: { foreignKeys: … } (rqlite 10.2.7).',
  ],
  [
    "-raft-timeout=1s",
    'extraArgs[0]: "-raft-timeout=1s" is a setting, whose value and version are checked. Write settings: { heartbeatTimeout: … } (rqlite 10.2.7).',
  ],
  [
    "/other/data",
    'extraArgs[0]: "/other/data" is not one flag with its value. Write "-flag=value".',
  ],
  ["-fk true", 'extraArgs[0]: "-fk true" is not one flag with its value. Write "-flag=value".'],
])("a further argument %s is refused", (argument, message) => {
  expect(clusterProblems({ extraArgs: [argument] })).toEqual([message]);
});
