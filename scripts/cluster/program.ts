import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Cluster, connect } from "./client";
import { explain } from "./explain";
import { Failure, UsageFailure } from "./failure";

/** The options that every program on a cluster takes. */
export const CLUSTER_OPTIONS = {
  context: { type: "string" },
  namespace: { type: "string", short: "n" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsConfig["options"];

/** What a usage text says of them. */
export const CLUSTER_USAGE = `  -n, --namespace    namespace of the app; all of them otherwise
  --context          context of the kubeconfig (KUBECONFIG, or ~/.kube/config)
  -h, --help         this text

exit code: 0 all is well, 1 something failed or needs a person, 2 wrong usage`;

export interface Program<Options extends NonNullable<ParseArgsConfig["options"]>> {
  /** As in `npm run <name>`; errors begin with it. */
  readonly name: string;
  readonly usage: string;
  /** Besides {@link CLUSTER_OPTIONS}. */
  readonly options: Options;
  /**
   * Gives the exit code. What it throws is told in words; exit code 1, or what the Failure says.
   * `cluster` is connected when it is first asked for, so that wrong usage is told without one.
   */
  readonly main: (call: Call<Options>) => Promise<number>;
}

type Parsed<Options extends NonNullable<ParseArgsConfig["options"]>> = ReturnType<
  typeof parseArgs<{
    options: Options & typeof CLUSTER_OPTIONS;
    allowPositionals: true;
    strict: true;
  }>
>;

export interface Call<Options extends NonNullable<ParseArgsConfig["options"]>> {
  readonly values: Parsed<Options>["values"];
  readonly positionals: readonly string[];
  readonly cluster: () => Cluster;
}

/** Runs a program: reads its arguments, tells what is wrong, sets the exit code. */
export async function run<Options extends NonNullable<ParseArgsConfig["options"]>>(
  program: Program<Options>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const { name, usage } = program;
  let cluster: Cluster | undefined;
  endQuietlyWithItsReader();
  try {
    const { values, positionals } = parsed(program, argv);
    const { help, context } = values as { help?: boolean; context?: string };
    if (help) return console.log(usage);
    const call = { values, positionals, cluster: () => (cluster ??= connect({ context })) };
    process.exitCode = await program.main(call);
  } catch (thrown) {
    const error = cluster ? explain(thrown, cluster) : thrown;
    if (!(error instanceof Failure)) throw error;
    console.error(`${name}: ${error.message}`);
    if (error instanceof UsageFailure) console.error(`\nHow to call it: npm run ${name} -- --help`);
    process.exitCode = error.exitCode;
  }
}

function parsed<Options extends NonNullable<ParseArgsConfig["options"]>>(
  { options }: Program<Options>,
  argv: readonly string[],
): Parsed<Options> {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...options, ...CLUSTER_OPTIONS },
      allowPositionals: true,
      strict: true,
    }) as Parsed<Options>;
  } catch (error) {
    // Node says what is wrong in its first sentence, and then how "--" works.
    throw new UsageFailure((error as Error).message.replace(/\. To specify .*/s, "."));
  }
}

/** `… | head` closes standard output; that isn't an error. */
function endQuietlyWithItsReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
}

/** The only positional argument of a program on one app. */
export function onlyApp(positionals: readonly string[]): string {
  const [app, ...more] = positionals;
  if (app === undefined) throw new UsageFailure("Name an app.");
  if (more.length > 0) throw new UsageFailure(`Name one app only, not ${positionals.join(", ")}.`);
  return app;
}
