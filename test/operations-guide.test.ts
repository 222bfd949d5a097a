import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import { appProblems } from "../src/litestream/app-problems";
import { GOOD } from "./support/synth";

const guide = readFileSync(join(__dirname, "../docs/operations.md"), "utf8");

/** The examples of a section, which are props of an app. */
function examplesOf(heading: string): object[] {
  const [section = ""] = guide
    .split(/\n(?=## )/)
    .filter((one) => one.startsWith(`## ${heading}\n`));
  return [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => {
    const { code: plain } = transformSync(`const props = {${code}};`, {
      jsc: { parser: { syntax: "typescript" } },
    });
    return new Function(`${plain}\nreturn props;`)();
  });
}

test.each([
  ["Reach an app from outside", 1],
  ["Give an app files", 1],
])("nothing is wrong with what is under %s", (heading, count) => {
  const examples = examplesOf(heading);
  expect(examples).toHaveLength(count);
  for (const props of examples) expect(appProblems("notes", { ...GOOD, ...props })).toEqual([]);
});
