import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan, PlanResult } from "./plan-text";

/** What the plan jobs left in `folder`, in the order of `ids`; a job that left nothing has failed. */
export function readPlans(folder: string, ids: readonly string[]): Plan[] {
  return ids.map((stack) => {
    const file = (name: string) => join(folder, stack, name);
    if (!existsSync(file("result.json")))
      return { stack, outcome: "failed", summary: "the plan job came to no end.", text: "" };
    const result = JSON.parse(readFileSync(file("result.json"), "utf8")) as PlanResult;
    return { ...result, text: readFileSync(file("plan.txt"), "utf8") };
  });
}

/** A list of stack ids from an environment variable. */
export function stackList(name: string): string[] {
  const value: unknown = JSON.parse(process.env[name] || "null");
  if (Array.isArray(value)) return value as string[];
  throw new Error(`${name} is not a JSON list of stacks.`);
}
