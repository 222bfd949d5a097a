/** `npm run manifests`: a synthesized stack as Kubernetes YAML, on standard output. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { manifests, manifestsYaml, type SynthesizedStack } from "../src/terraform/manifests";

const USAGE = `Prints a synthesized stack as the Kubernetes YAML that Terraform would apply.

usage: npm run --silent manifests -- <stack> [-var name=value]...

  <stack>            id of a stack in cdktf.out/stacks; synthesize first: npm start
  -var name=value    a Terraform variable; may be repeated
  --help             this text

example: npm run --silent manifests -- quickstart | kubectl diff -f -`;

function main(argv: string[]): void {
  const { values, positionals } = parseArgs({
    // Terraform's own spelling has one dash.
    args: argv.map((argument) => argument.replace(/^-var(?==|$)/, "--var")),
    options: { var: { type: "string", multiple: true }, help: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [stack, ...more] = positionals;
  if (stack === undefined || more.length > 0) throw new Error(`Name one stack.\n\n${USAGE}`);
  const file = join(process.env.CDKTF_OUTDIR ?? "cdktf.out", "stacks", stack, "cdk.tf.json");
  if (!existsSync(file)) throw new Error(`${file} doesn't exist. Synthesize first: npm start`);
  const synthesized = JSON.parse(readFileSync(file, "utf8")) as SynthesizedStack;
  process.stdout.write(manifestsYaml(manifests(synthesized, variables(values.var ?? []))));
}

function variables(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new Error(`-var ${text}: write name=value.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`manifests: ${(error as Error).message}`);
  process.exitCode = 1;
}
