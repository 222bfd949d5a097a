import { type Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { Exec, type V1Status } from "@kubernetes/client-node";
import type { Cluster } from "./client";
import { Failure, TimeoutFailure } from "./failure";
import { notOpened } from "./socket";

/** Where a command runs. */
export interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ExecOptions {
  /** The connection is given up after so many seconds; the command itself may go on. */
  readonly timeoutSeconds?: number;
  readonly stdin?: Readable;
  /** Gets what is written while it runs; the result holds it, too. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command in a container to its end, whatever its exit code. No shell: the first word is a program.
 *
 * @throws Failure when it can't be run at all, or the connection is lost; TimeoutFailure when it takes longer.
 */
export async function exec(
  cluster: Cluster,
  place: Place,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { namespace, pod, container } = place;
  const { timeoutSeconds, stdin = null, signal } = options;
  const stdout = new Collector(options.onStdout);
  const stderr = new Collector(options.onStderr);
  const { promise, resolve, reject } = settleable<V1Status>();

  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => reject(late(place, timeoutSeconds)), timeoutSeconds * 1000);
  const interrupt = () => reject(new Failure("Interrupted."));
  signal?.addEventListener("abort", interrupt);
  const connection = new Exec(cluster.config).exec(
    namespace,
    pod,
    container,
    [...command],
    stdout,
    stderr,
    stdin,
    false,
    resolve,
  );
  connection.then(
    (socket) =>
      (socket.onclose = () =>
        reject(new Failure(`The connection to pod ${namespace}/${pod} was lost.`))),
    (error: unknown) =>
      reject(
        notOpened(error, {
          what: `run commands in pod ${namespace}/${pod}`,
          resource: "pods/exec",
          otherwise: `No command can be run in ${container} of pod ${namespace}/${pod}: the container isn't running, or its node doesn't answer`,
        }),
      ),
  );
  try {
    const status = await promise;
    return { code: exitCode(status, place), stdout: stdout.text, stderr: stderr.text };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
    // It may still be opening.
    void connection.then(
      (socket) => socket.close(),
      () => undefined,
    );
  }
}

function settleable<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

/** Keeps what is written as text. */
class Collector extends Writable {
  text = "";
  private readonly decoder = new StringDecoder();

  constructor(private readonly tell?: (text: string) => void) {
    super();
  }

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    const text = this.decoder.write(chunk);
    this.text += text;
    this.tell?.(text);
    done();
  }
}

/** The command isn't told: it may hold a whole script, or a file. */
function late({ namespace, pod, container }: Place, seconds: number): TimeoutFailure {
  return new TimeoutFailure(
    `What was run in ${container} of pod ${namespace}/${pod} isn't done after ${seconds} s.`,
  );
}

/** A command that ended has a code; what couldn't be started has only a message. */
function exitCode(status: V1Status, { namespace, pod, container }: Place): number {
  if (status.status === "Success") return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
  if (cause) return Number(cause.message);
  throw new Failure(
    `The command can't be run in ${container} of pod ${namespace}/${pod}: ${status.message ?? status.reason ?? "no reason was given"}`,
  );
}
