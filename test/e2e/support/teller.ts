import type { Cluster } from "./cluster";
import { run } from "./run";

/** Pods whose containers bear the names of real ones, and log what they are told to. */
export class Teller {
  constructor(private readonly cluster: Cluster) {}

  /** Starts the pod of an app, or several. */
  async start(apps: Readonly<Record<string, readonly string[]>>, annotations = {}): Promise<void> {
    const pods = Object.entries(apps).map(([app, containers]) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `${app}-0`,
        namespace: this.cluster.namespace,
        labels: { "app.kubernetes.io/name": app },
        annotations,
      },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: containers.map((name) => ({
          name,
          image: "litestream/litestream:0.5.16",
          command: ["sleep", "infinity"],
        })),
      },
    }));
    const list = { apiVersion: "v1", kind: "List", items: pods };
    await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(list) });
    for (const app of Object.keys(apps)) await this.cluster.ready(`${app}-0`);
  }

  /** Has a container log a line. */
  say(app: string, container: string, line: string): Promise<string> {
    return this.inside(app, container, `printf '%s\\n' "$0" > /proc/1/fd/1`, line);
  }

  /** Has a container log what a script prints. */
  run(app: string, container: string, script: string): Promise<string> {
    return this.inside(app, container, `{ ${script}; } > /proc/1/fd/1 2>&1`);
  }

  /** Has a container log so many lines, in a second each time, for some seconds. `#` in the line becomes its number. */
  flood(
    app: string,
    container: string,
    line: string,
    { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  ): Promise<string> {
    const program = `$| = 1; my ($line, $count, $seconds) = @ARGV;
      for my $second (1 .. $seconds) {
        my $began = Time::HiRes::time();
        for my $number (1 .. $count) { (my $one = $line) =~ s/#/$second$number/; print "$one\\n" }
        my $left = 1 - (Time::HiRes::time() - $began);
        Time::HiRes::sleep($left) if $left > 0;
      }`;
    const script = `exec perl -MTime::HiRes -e "$0" "$1" ${perSecond} ${seconds} > /proc/1/fd/1`;
    return this.inside(app, container, script, program, line);
  }

  private inside(app: string, container: string, script: string, ...args: string[]) {
    return this.cluster.exec(`${app}-0`, container, "sh", "-c", script, ...args);
  }
}
