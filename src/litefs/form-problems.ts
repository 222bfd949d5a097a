import { type Keys, type Problem, unknownKeys } from "../terraform/problem";
import { isExpression } from "../terraform/expression";
import type { FuseDevice, LitefsClusterProps, LitefsExec } from "./props";

const EXEC = { command: true, migrations: true } satisfies Keys<LitefsExec>;
const FUSE = { resource: true } satisfies Keys<FuseDevice>;

/** Problems of what depends on how LiteFS is put under the app. */
export function formProblems(props: LitefsClusterProps): Problem[] {
  return props.exec === undefined ? sidecarProblems(props) : execProblems(props);
}

function sidecarProblems({ fuse, probes, user }: LitefsClusterProps): Problem[] {
  const found: Problem[] = [];
  if (fuse !== undefined)
    found.push({
      field: "fuse",
      value: fuse,
      wrong:
        "stands without exec, and Kubernetes lets only a privileged container's mounts reach another one",
      fix: "Leave it out, or have LiteFS start the app: exec: { command: … }.",
    });
  const { liveness } = probes ?? {};
  if (liveness !== undefined && liveness.kind !== "http")
    found.push({
      field: "probes.liveness",
      wrong:
        "can't go through LiteFS, without which nobody notices that the app's files went with a LiteFS that died",
      fix: 'Write Probe.httpGet("/health"), or leave it out: LiteFS itself is asked then.',
    });
  else if (liveness?.kind === "http" && liveness.port !== undefined)
    found.push({
      field: "probes.liveness.port",
      value: liveness.port,
      wrong: "goes past LiteFS's proxy, through which it has to be asked",
      fix: "Leave it out: the app's port is meant then.",
    });
  if (user === 0)
    found.push({
      field: "user",
      value: user,
      wrong:
        "is root, which could write into the folder while LiteFS isn't mounted there, and lose it",
      fix: "Write the id of an ordinary user, for example 1000, or have LiteFS start the app: exec: { command: … }.",
    });
  return found;
}

function execProblems(props: LitefsClusterProps): Problem[] {
  const { exec, fuse, probes } = props;
  const found: Problem[] = [
    ...unknownKeys("exec", exec, EXEC),
    ...commandProblems("exec.command", exec?.command),
    ...(exec?.migrations ?? []).flatMap((command, index) =>
      commandProblems(`exec.migrations[${index}]`, command),
    ),
  ];
  for (const field of ["command", "args"] as const)
    if (props[field] !== undefined)
      found.push({
        field,
        wrong: "stands beside exec, and the container's command is LiteFS's",
        fix: "Write it as exec.command.",
      });
  for (const field of ["litefsImage", "litefsResources"] as const)
    if (props[field] !== undefined)
      found.push({
        field,
        wrong: "stands beside exec, where LiteFS is in the app's image",
        fix: "Leave it out.",
      });
  for (const kind of ["startup", "readiness"] as const)
    if (probes?.[kind] !== undefined)
      found.push({
        field: `probes.${kind}`,
        wrong: "stands beside exec, where LiteFS is asked whether the pod follows its primary",
        fix: "Leave it out; liveness may stay.",
      });
  if (fuse !== undefined) {
    found.push(...unknownKeys("fuse", fuse, FUSE));
    if (typeof fuse.resource !== "string" || !/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/.test(fuse.resource))
      found.push({
        field: "fuse.resource",
        value: fuse.resource,
        wrong: "is not the name of a device plugin's resource",
        fix: 'Write for example "smarter-devices/fuse".',
      });
  }
  return found;
}

function commandProblems(field: string, command: unknown): Problem[] {
  if (typeof command === "string" && (isExpression(command) || command.trim() !== "")) return [];
  return [
    {
      field,
      value: command,
      wrong: "is not a command",
      fix: 'Write it as one text, for example "/usr/local/bin/notes serve".',
    },
  ];
}
