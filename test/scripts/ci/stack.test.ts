import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedStacks, goneStacks, hasLocalState, stackIds } from "../../../scripts/ci/stack";

/** A folder of synthesized stacks: their files by stack. */
function synthesized(stacks: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-stacks-"));
  for (const [id, files] of Object.entries(stacks))
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, id, name, ".."), { recursive: true });
      writeFileSync(join(folder, id, name), JSON.stringify(content));
    }
  return folder;
}

const json = (value: unknown) => ({ "cdk.tf.json": value });
const base = synthesized({
  gone: json({}),
  same: json({ a: 1, list: [{ "//": "there" }] }),
  other: json({ a: 1 }),
  asset: { ...json({}), "assets/one": 1 },
});
const head = synthesized({
  asset: { ...json({}), "assets/one": 2 },
  made: json({}),
  other: json({ a: 2 }),
  // Another place in the construct tree, and what terraform init leaves behind.
  same: {
    ...json({ "//": "moved", a: 1, list: [{}] }),
    ".terraform/x": 1,
    ".terraform.lock.hcl": 1,
  },
});

test("stacks are changed when Terraform reads something else", () => {
  expect(changedStacks(base, head)).toEqual(["asset", "made", "other"]);
});

test("all are when nothing could be synthesized before", () => {
  expect(changedStacks("/nowhere", head)).toEqual(stackIds(head));
});

test("a stack that is no longer declared is told apart", () => {
  expect(goneStacks(base, head)).toEqual(["gone"]);
});

test.each([
  [{}, true],
  [{ backend: { local: {} } }, true],
  [{ backend: { s3: {} } }, false],
  [{ cloud: {} }, false],
])("%j: the state is local is %s", (terraform, local) => {
  expect(hasLocalState({ terraform })).toBe(local);
});
