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
    refuseTakenByNpm(program, process.env);
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

/**
 * Without "--" npm takes options for its own, and the program would do something else: `npm run restore notes --txid=ff`
 * would go to the newest state. Those that npm has itself may be in a person's .npmrc.
 */
function refuseTakenByNpm<Options extends NonNullable<ParseArgsConfig["options"]>>(
  { name, options }: Program<Options>,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  if (environment.npm_lifecycle_event !== name) return;
  const taken = Object.keys({ ...options, ...CLUSTER_OPTIONS })
    .filter((option) => !NPM_HAS.includes(option))
    .filter((option) => environment[`npm_config_${option}`])
    .map((option) => `--${option}`);
  if (taken.length > 0)
    throw new UsageFailure(
      `npm took ${taken.join(", ")} for its own. Write "--" before what is meant for the program: npm run ${name} -- …`,
    );
}

const NPM_HAS = ["help", "json", "yes"];

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
