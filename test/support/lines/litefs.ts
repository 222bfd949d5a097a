import { type Attributes, type Expected, json, type Telling, text } from "./format";

const LOST = { kind: "lost primary", level: "error" };
/** Messages of LiteFS 0.5.14, each of which comes as text and as JSON. */
const LITEFS: [msg: string, expected: Expected, more?: Attributes][] = [
  [
    "687742A5CA3EEFA9: disconnected from primary with error, retrying: cannot stream from primary with a different cluster id: LFSC4F41FBB3B7793126 <> LFSCD1A13D1539A34F04",
    {
      kind: "cluster id mismatch",
      level: "error",
      message:
        "disconnected from primary with error, retrying: cannot stream from primary with a different cluster id: LFSC4F41FBB3B7793126 <> LFSCD1A13D1539A34F04",
    },
  ],
  [
    'cannot connect, "consul" lease already initialized with different ID: LFSC01',
    {
      kind: "cluster id mismatch",
      message: 'cannot connect, "consul" lease already initialized with different ID: LFSC01',
    },
  ],
  [
    '687742A5CA3EEFA9: disconnected from primary with error, retrying: process ltx stream frame: position mismatch on db "a.db": 1 <> 2',
    { kind: "replica can't apply changes", lasting: 30 },
  ],
  [
    "687742A5CA3EEFA9: disconnected from primary with error, retrying: process ltx stream frame: write ltx file: no space left on device",
    { kind: "replica can't apply changes", level: "error" },
  ],
  ["687742A5CA3EEFA9: primary lease lost, retrying: lease expired", LOST],
  [
    "687742A5CA3EEFA9: disconnected from primary with error, retrying: connect to primary: Post \"http://10.0.0.1:20202/stream\": dial tcp 10.0.0.1:20202: connect: connection refused ('http://10.0.0.1:20202')",
    {
      ...LOST,
      lasting: 60,
      message:
        "disconnected from primary with error, retrying: connect to primary: Post \"http://10.0.0.1:20202/stream\": dial tcp 10.0.0.1:20202: connect: connection refused ('http://10.0.0.1:20202')",
    },
  ],
  [
    "687742A5CA3EEFA9: disconnected from primary with error, retrying: next frame: unexpected EOF",
    { ...LOST, lasting: 60 },
  ],
  ["cannot find primary, retrying: no primary", { ...LOST, lasting: 60 }],
  [
    "687742A5CA3EEFA9: cannot find primary & ineligible to become primary, retrying: no primary",
    { ...LOST, lasting: 60 },
  ],
  [
    "687742A5CA3EEFA9: cannot acquire lease or find primary, retrying: fetch primary url: EOF",
    { ...LOST, lasting: 60 },
  ],
  [
    'cannot become primary, local node has no cluster ID and "consul" lease already initialized with cluster ID LFSC01',
    { ...LOST, lasting: 60 },
  ],
  [
    'cannot fetch cluster ID from "consul" lease, retrying: Get "http://consul:8500": no such host',
    { kind: "lease can't be reached", level: "warning", lasting: 30 },
  ],
  [
    "687742A5CA3EEFA9: lease renewal error, retrying: EOF",
    { kind: "lease can't be reached", level: "warning" },
  ],
  ["687742A5CA3EEFA9: cannot remove lease: EOF", { kind: "lease can't be reached" }],
  ["consul key release error: key=a session=b", { kind: "lease can't be reached" }],
  ["cannot release consul key: key=a session=b", { kind: "lease can't be reached" }],
  [
    "687742A5CA3EEFA9: cannot acquire existing lease from handoff, retrying: EOF",
    { kind: "hand-over failed", level: "warning" },
  ],
  [
    "687742A5CA3EEFA9: state change recovery error (primary): disk I/O error",
    { kind: "database can't be recovered", level: "error" },
  ],
  [
    'fatal error occurred while committing WAL to "a.db": no space left on device',
    { kind: "fatal error", level: "error" },
  ],
  ["commit wal error(1): disk I/O error", { kind: "writes fail", level: "error" }],
  [
    'invalid database header on "a.db", clearing data files',
    { kind: "local copy thrown away", level: "error" },
  ],
  [
    "client transaction id (0000000000000002) exceeds primary transaction id (0000000000000001), clearing client position",
    { kind: "writes of a former primary are discarded", level: "warning" },
  ],
  [
    "client preapply checksum mismatch for txid 0000000000000002, writing snapshot",
    { kind: "writes of a former primary are discarded" },
  ],
  [
    "fuse: write(): wal error: read only replica",
    { kind: "app writes to a replica", level: "warning" },
  ],
  ["fuse lock error: interrupted", { kind: "locks fail", level: "warning" }],
  ["lock wait error: interrupted", { kind: "locks fail", level: "warning" }],
  ["fuse: write(): wal error: disk I/O", { kind: "mount fails", level: "error" }],
  ["fuse serve error: EIO", { kind: "mount fails" }],
  ["fuse: create(): cannot create database: no space left on device", { kind: "mount fails" }],
  ["mount helper error: fusermount3: fuse device not found", { kind: "mount fails" }],
  [
    "backup stream failed, retrying: fetch position map: EOF",
    { kind: "backup fails", level: "error", lasting: 60 },
  ],
  [
    "restoring from backup",
    { kind: "local copy replaced by the backup", level: "warning" },
    [
      ["name", "a.db"],
      ["reason", "chksum-mismatch"],
    ],
  ],
  [
    "687742A5CA3EEFA9: primary lease acquired, advertising as http://10.0.0.1:20202",
    { kind: "has a primary again", level: "recovery", ends: { "lost primary": true } },
  ],
];

/** Each of them in both formats. */
export const LITEFS_LINES: Telling[] = LITEFS.flatMap(([msg, expected, more]): Telling[] => [
  ["litefs", json("INFO", msg, more), expected],
  ["litefs", text("INFO", msg, more).replace(/^time=\S+ /, ""), expected],
]);
