import { SqliteStack, variable } from "../../src";
import { newApp, synthesized } from "../support/synth";

test("a variable is named as given, wherever it is asked for, and made once", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "own");
  const first = variable(stack, "s3_bucket", { type: "string" });
  expect(variable(stack.kubernetes, "s3_bucket", { type: "string" })).toBe(first);
  expect(() => variable(stack, "s3_bucket", { type: "string", ephemeral: true })).toThrow(
    'own: variable "s3_bucket" is declared already, with other properties.',
  );
  variable(stack, "nothing", { type: "string", default: null });
  variable(stack, "secret", { type: "string", sensitive: true, ephemeral: true });
  variable(stack, "revision", { type: "number", default: 1, description: "which" });
  expect(synthesized(app).variable).toMatchObject({
    s3_bucket: { type: "string" },
    nothing: { type: "string", default: null },
    secret: { type: "string", sensitive: true, ephemeral: true },
    revision: { type: "number", default: 1, description: "which" },
  });
});
