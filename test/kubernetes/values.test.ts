import { dnsLabelProblems, slug } from "../../src/kubernetes/names";
import { quantity } from "../../src/kubernetes/quantity";
import { dnsNameProblems } from "../../src/kubernetes/storage";
import { milliseconds } from "../../src/kubernetes/duration";

test.each([
  ["10Gi", 10 * 2 ** 30],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["500M", 500e6],
  ["250m", 0.25],
  ["2", 2],
  ["", undefined],
  ["-1Gi", undefined],
  ["10 Gi", undefined],
  ["10GB", undefined],
  ["10gi", undefined],
])("quantity %j is %j", (text, expected) => {
  expect(quantity(text)).toBe(expected);
});

test.each([
  ["1s", 1000],
  ["1h30m", 5_400_000],
  ["1.5s", 1500],
  ["100ms", 100],
  ["0", 0],
  ["1d", undefined],
  ["1", undefined],
  ["", undefined],
  ["-1s", undefined],
  ["1 s", undefined],
])("duration %j is %j ms", (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

test.each(["a", "a-1", "1a", "a".repeat(63)])("%j is a DNS label", (name) => {
  expect(dnsLabelProblems("name", name)).toEqual([]);
});

test.each(["", "A", "a_b", "-a", "a-", "a.b", "a".repeat(64), 5, undefined])(
  "%j is no DNS label",
  (name) => {
    expect(dnsLabelProblems("name", name)).toHaveLength(1);
  },
);

test.each([
  ["a.b-c.d", 0],
  ["a", 0],
  ["a..b", 1],
  [".a", 1],
  ["a".repeat(254), 1],
])("%j as a DNS name has %d problems", (name, problems) => {
  expect(dnsNameProblems("name", name)).toHaveLength(problems);
});

test("slug", () => {
  expect(slug("/pb_data/storage/")).toBe("pb-data-storage");
});
