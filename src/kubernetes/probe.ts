import { asText, isExpression, literal } from "../terraform/expression";
import type { Problem } from "../terraform/problem";

/** How often a probe asks and when it gives up. Seconds. */
export interface ProbeTiming {
  /** @default 0 */
  readonly initialDelaySeconds?: number;
  /** @default 10 */
  readonly periodSeconds?: number;
  /** @default 1 */
  readonly timeoutSeconds?: number;
  /** @default 3 */
  readonly failureThreshold?: number;
}

/** A question to a container, asked by Kubernetes again and again. */
export type Probe = ProbeTiming &
  (
    | { readonly kind: "http"; readonly path: string; readonly port: number | string | undefined }
    | { readonly kind: "tcp"; readonly port: number | string | undefined }
    | { readonly kind: "exec"; readonly command: readonly string[] }
  );

interface PortProbeOptions extends ProbeTiming {
  /** @default the app's port */
  readonly port?: number;
}

export const Probe = {
  /** A GET of `path` that must answer 200 to 399. */
  httpGet: (path: string, { port, ...timing }: PortProbeOptions = {}): Probe => ({
    kind: "http",
    path,
    port,
    ...timing,
  }),
  /** A connection that must be accepted. */
  tcpSocket: ({ port, ...timing }: PortProbeOptions = {}): Probe => ({
    kind: "tcp",
    port,
    ...timing,
  }),
  /** A command in the container that must exit 0. */
  exec: (command: readonly string[], timing: ProbeTiming = {}): Probe => ({
    kind: "exec",
    command,
    ...timing,
  }),
};

/** Problems of a probe. */
export function probeProblems(field: string, probe: Probe): Problem[] {
  if (!["http", "tcp", "exec"].includes(probe?.kind))
    return [
      {
        field,
        value: probe,
        wrong: "is not a probe",
        fix: 'Write Probe.httpGet("/health"), Probe.tcpSocket() or Probe.exec(["command"]).',
      },
    ];
  const found: Problem[] = [];
  if (probe.kind === "http" && !isExpression(probe.path) && !probe.path.startsWith("/"))
    found.push({
      field: `${field}.path`,
      value: probe.path,
      wrong: "is not a path",
      fix: `Write ${JSON.stringify(`/${probe.path}`)}.`,
    });
  if (probe.kind === "exec" && probe.command.length === 0)
    found.push({
      field: `${field}.command`,
      wrong: "is empty",
      fix: "Write the command and its arguments.",
    });
  for (const name of [
    "initialDelaySeconds",
    "periodSeconds",
    "timeoutSeconds",
    "failureThreshold",
  ] as const) {
    const value = probe[name];
    const least = name === "initialDelaySeconds" ? 0 : 1;
    if (value === undefined || isExpression(value) || (Number.isInteger(value) && value >= least))
      continue;
    found.push({
      field: `${field}.${name}`,
      value,
      wrong: "is out of range",
      fix: `Write a whole number from ${least}.`,
    });
  }
  return found;
}

/** The container's probe block. `port` stands in where the probe names none. */
export function probeBlock(probe: Probe | undefined, port: number | string) {
  if (!probe) return undefined;
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = probe;
  const timing = { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold };
  switch (probe.kind) {
    case "http":
      return {
        ...timing,
        httpGet: { path: literal(probe.path), port: asText(probe.port ?? port) },
      };
    case "tcp":
      return { ...timing, tcpSocket: [{ port: asText(probe.port ?? port) }] };
    case "exec":
      return { ...timing, exec: { command: probe.command.map(literal) } };
  }
}
