import { UsageFailure } from "../../../scripts/cluster/failure";
import { request } from "../../../scripts/restore/arguments";

const NOW = new Date("2026-02-01T00:00:00Z");

test.each([
  [{ timestamp: "2026-01-31T12:00:00Z" }, { flag: "-timestamp", value: "2026-01-31T12:00:00Z" }],
  [
    { timestamp: "2026-01-31T12:00:00.5+01:00" },
    { flag: "-timestamp", value: "2026-01-31T12:00:00.5+01:00" },
  ],
  [{ txid: "FF" }, { flag: "-txid", value: "00000000000000ff" }],
  [{}, { flag: "newest", value: "" }],
])("%j is a state to go back to", (values, target) => {
  expect(request(values, NOW).target).toEqual(target);
});

test.each([
  [{ timestamp: "2026-01-31T12:00:00" }, "has no time zone: write 2026-01-31T12:00:00Z for UTC"],
  [{ timestamp: "yesterday" }, "is not a time: write it as RFC 3339"],
  [{ timestamp: "2026-13-31T12:00:00Z" }, "is not a time"],
  [{ timestamp: "2025-02-30T12:00:00Z" }, "--timestamp 2025-02-30T12:00:00Z is not a time"],
  [{ timestamp: "2025-02-30T12:00:00" }, "is not a time"],
  [{ timestamp: "2026-02-01T00:00:01Z" }, "is in the future: it is 2026-02-01T00:00:00.000Z now"],
  [{ timestamp: "2026-01-31T12:00:00Z", txid: "ff" }, "Write --timestamp or --txid, not both."],
  [{ txid: "xyz" }, "--txid xyz is not a transaction"],
  [{ txid: "" }, "is not a transaction"],
  [{ txid: "0" }, "--txid 0 is not a transaction"],
  [{ txid: "0000000000000000" }, "is not a transaction"],
  [{ timeout: "soon" }, "--timeout soon isn't a duration of a second or more. Write for example"],
  [{ timeout: "0s" }, "--timeout 0s isn't a duration"],
  [{ resume: true, txid: "ff" }, "--resume carries on with what was begun"],
])("%j is wrong usage", (values, message) => {
  expect(() => request(values, NOW)).toThrow(UsageFailure);
  expect(() => request(values, NOW)).toThrow(message);
});

test("databases are named once, and time is in seconds", () => {
  const { databases, timeoutSeconds, yes } = request(
    { database: ["/a", "/a", "/b"], timeout: "2m", yes: true },
    NOW,
  );
  expect({ databases, timeoutSeconds, yes }).toEqual({
    databases: ["/a", "/b"],
    timeoutSeconds: 120,
    yes: true,
  });
  expect(request({}, NOW)).toMatchObject({ timeoutSeconds: 3600, yes: false, resume: false });
});
