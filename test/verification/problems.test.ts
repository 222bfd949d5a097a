import { type LitestreamAppProps, Replica, Report, Schedule, variable } from "../../src";
import { newApp, ownStack } from "../support/synth";
import { problemsOf, url } from "../support/verification";

const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;
const TWO = { databases: ["/data/a.db", "/data/b.db"] };
const ON_A_CLAIM = { replica: Replica.file({ claim: { size: "5Gi" } }) };
const DURATION = 'Write a number with ms, s, m or h, for example "30s" or "24h".';
const KNOWN =
  'is known only at apply, but the pod is made by it. Write the duration itself, for example "30s".';
const PROPS =
  "Take one of of, name, schedule, reports, assertions, integrityCheck, foreignKeys, maxLag, deadline, onNodeOfApp, sizeLimit, networkPolicy, openMetrics, resources, image, curlImage.";
const NAME =
  'is not a DNS label. Write at most 52 lower-case letters, digits and "-", beginning and ending with a letter or digit';

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, object, string, Partial<LitestreamAppProps>?][] = [
  ["no app", { of: undefined }, "of: is missing. Write the app, for example the LitestreamApp."],
  [
    "the name of an app",
    { of: "notes" },
    'of: "notes" has no backup that could be proven. Write the app, for example the LitestreamApp.',
  ],
  [
    "another object",
    { of: { name: "notes" } },
    "of: has no backup that could be proven. Write the app, for example the LitestreamApp.",
  ],
  ["a mistyped prop", { assertion: [] }, `assertion: is unknown. ${PROPS}`],
  ["a name with capitals", { name: "Notes" }, `name: "Notes" ${NAME}, for example "notes".`],
  [
    "a name of 53 characters",
    { name: "a".repeat(53) },
    `name: "${"a".repeat(53)}" ${NAME}, for example "${"a".repeat(52)}".`,
  ],
  [
    "an app's name that leaves no room",
    {},
    `name: "${"a".repeat(46)}-verify" ${NAME}, for example "${"a".repeat(46)}-verif".`,
    { name: "a".repeat(46) },
  ],

  // When.
  [
    "a cron line with seconds",
    { schedule: Schedule.cron("0 0 2 * * 6") },
    'schedule.cron: "0 0 2 * * 6" is not a cron line. Write minute, hour, day of month, month and day of week (0 to 6, or SUN to SAT), for example "0 2 * * 6" for Saturdays at 02:00.',
  ],
  [
    "a time zone that is none",
    { schedule: Schedule.weekly({ timeZone: "Berlin" }) },
    'schedule.timeZone: "Berlin" is not a time zone. Write a name of the tz database, for example "Europe/Berlin" or "Etc/UTC".',
  ],
  [
    "a deadline with a word",
    { deadline: "15 min" },
    `deadline: "15 min" is not a duration. ${DURATION}`,
  ],
  ["a deadline as a number", { deadline: 900 }, `deadline: 900 is not a duration. ${DURATION}`],
  [
    "a deadline that is too short",
    { deadline: "29s", maxLag: "1s" },
    'deadline: "29s" is less than 30s. Write "30s" or more.',
  ],
  ["a deadline known at apply", { deadline: expression }, `deadline: ${KNOWN}`],
  [
    "a lag in days",
    { maxLag: "1d" },
    'maxLag: "1d" is not a duration. Go durations have no days: write "24h".',
  ],
  ["a lag known at apply", { maxLag: expression }, `maxLag: ${KNOWN}`],
  [
    "a lag that takes the time of the proof",
    { maxLag: "10m" },
    'maxLag: "10m" leaves too little of the 675 s that deadline gives the proof. Write less than "337s", or a longer deadline.',
  ],
  [
    "a deadline that the app's own intervals use up",
    {},
    'deadline: "15m" gives the proof 675 s, of which the app\'s monitor and sync intervals may take 601 s, and maxLag 60 s. Write "31m" or more.',
    { databases: [{ path: "/data/notes.db", settings: { monitorInterval: "200s" } }] },
  ],
  [
    "a hardened image of one's own, for which no other is known",
    {},
    'image: is missing: the app\'s own image of Litestream is a hardened one, without sh and sqlite3. Write one of the same version that has them, for example "litestream/litestream:0.5.16".',
    {
      hardened: true,
      whenVolumeIsOlder: "keep",
      litestreamImage: "mirror.example.com/litestream:0.5.16-scratch",
    },
  ],
  [
    "a deadline that leaves no time for the default lag",
    { deadline: "2m" },
    'maxLag: leaves too little of the 90 s that deadline gives the proof. Write less than "45s", or a longer deadline.',
  ],

  // How it is proven.
  [
    "a check of another name",
    { integrityCheck: "some" },
    'integrityCheck: "some" is unknown. Write "full", "quick" or "none".',
  ],
  [
    "a check known at apply",
    { integrityCheck: expression },
    'integrityCheck: is known only at apply, but decides what is synthesized. Write "full", "quick" or "none".',
  ],
  [
    "a flag as text",
    { foreignKeys: "yes" },
    "foreignKeys: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "a flag known at apply",
    { networkPolicy: expression },
    "networkPolicy: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "a flag as a number",
    { openMetrics: 1 },
    "openMetrics: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "another node, where the backup isn't",
    { onNodeOfApp: false },
    "onNodeOfApp: false is not possible: the backup is on a claim that the app's node has for itself. Leave it out.",
    ON_A_CLAIM,
  ],
  [
    "a size that is none",
    { sizeLimit: "big" },
    'sizeLimit: "big" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "an image without a tag",
    { curlImage: "curlimages/curl" },
    'curlImage: "curlimages/curl" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "resources that are none",
    { resources: { limits: { memory: "much" } } },
    'resources.limits.memory: "much" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],

  // Assertions.
  [
    "an assertion that changes something",
    { assertions: [{ sql: "UPDATE t SET x = 1" }] },
    'assertions[0].sql: "UPDATE t SET x = 1" is not a query. Write one, for example "SELECT count(*) > 0 FROM users".',
  ],
  [
    "an assertion as text",
    { assertions: ["SELECT 1"] },
    'assertions[0].sql: is missing. Write one, for example "SELECT count(*) > 0 FROM users".',
  ],
  [
    "a result that is a boolean",
    { assertions: [{ sql: "SELECT 1" }, { sql: "SELECT 1", equals: true }] },
    'assertions[1].equals: true is neither text nor a number. Write what sqlite3 prints, for example "1".',
  ],
  [
    "a mistyped key of an assertion",
    { assertions: [{ sql: "SELECT 1", equal: "1" }] },
    "assertions[0].equal: is unknown. Take one of sql, equals, database.",
  ],
  [
    "an assertion on one of two databases",
    { assertions: [{ sql: "SELECT 1" }] },
    "assertions[0].database: is missing, and there are several. Write one of /data/a.db, /data/b.db.",
    TWO,
  ],
  [
    "an assertion on a database that isn't there",
    { assertions: [{ sql: "SELECT 1", database: "/data/c.db" }] },
    'assertions[0].database: "/data/c.db" is none of the app\'s. Write one of /data/a.db, /data/b.db.',
    TWO,
  ],

  // Shapes that a type check would have found.
  [
    "reports that are no list",
    { reports: Report.slack({ url }) },
    "props: can't be read: config.reports.flatMap is not a function or its return value is not iterable. A value has another type than its prop: npx tsc --noEmit says which.",
  ],
  [
    "an assertion that is nothing",
    { assertions: [null] },
    "props: can't be read: Cannot read properties of null (reading 'database'). A value has another type than its prop: npx tsc --noEmit says which.",
  ],
];

test.each(CASES)("%s", (_, props, line, app = {}) => {
  expect(problemsOf(props, app)).toEqual([`own/verification: ${line}`]);
});
