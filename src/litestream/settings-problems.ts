import { longestInterval, Schedule } from "../kubernetes/schedule";
import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { type LitestreamAppConfig, shortestGracePeriod } from "./app-config";
import { durationProblems, milliseconds } from "../kubernetes/duration";
import { RUN_FOLDER } from "./folders";
import { settingsSchema } from "./keys";
import type { LitestreamAppProps } from "./props";
import { schemaProblems } from "./schema";

/** Problems of Litestream's settings, each by itself and together. */
export function settingsProblems(
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): Problem[] {
  return [
    ...schemaProblems("litestream", props.litestream, settingsSchema),
    ...durationFieldProblems(props),
    ...gracePeriodProblems(props, config),
    ...withoutEffectProblems(props),
  ];
}

/** Durations the grace period is computed from must be known at synth. */
function durationFieldProblems({ stopTimeout, litestream }: LitestreamAppProps): Problem[] {
  const found = stopTimeout === undefined ? [] : durationProblems("stopTimeout", stopTimeout, "0s");
  const fields = { stopTimeout, "litestream.shutdownSyncTimeout": litestream?.shutdownSyncTimeout };
  for (const [field, value] of Object.entries(fields)) {
    if (!isExpression(value)) continue;
    found.push({
      field,
      wrong: "is known only at apply, but the pod's grace period is computed from it",
      fix: 'Write the duration itself, for example "30s".',
    });
  }
  return found;
}

/** What a person has to act on what a proof found: a weekend. Milliseconds. */
const TIME_TO_ACT = 2 * 24 * 3.6e6;

/**
 * Problems of how long snapshots are kept: at least from one proof to the next, so that what a proof finds can
 * still be undone.
 *
 * @param proofs when the backup is proven; weekly when nothing says so
 */
export function retentionProblems(
  { litestream }: LitestreamAppConfig,
  proofs: readonly Schedule[],
): Problem[] {
  const { interval, retention } = litestream.snapshot ?? {};
  const kept = milliseconds(String(retention));
  const taken = milliseconds(String(interval));
  const between = (proofs.length === 0 ? [Schedule.weekly()] : proofs).map(longestInterval);
  // The proof that comes most often finds it first.
  const known = between.filter((one) => one !== undefined);
  const undone = known.length === 0 ? 0 : Math.min(...known) + TIME_TO_ACT;
  const least = Math.max(taken ?? 0, undone);
  if (kept === undefined || kept >= least) return [];
  return [
    {
      field: "litestream.snapshot.retention",
      value: retention,
      wrong:
        kept < undone
          ? "is less than the time between two proofs and two days more: what a proof finds could no longer be undone"
          : `is less than snapshot.interval ${JSON.stringify(interval)}`,
      fix: `Write "${Math.ceil(least / 3.6e6)}h" or more.`,
    },
  ];
}

/** A pod that is killed before its last sync loses what the app wrote last. */
function gracePeriodProblems(props: LitestreamAppProps, config: LitestreamAppConfig): Problem[] {
  const { terminationGracePeriodSeconds: given } = props;
  if (given === undefined || isExpression(given)) return [];
  const least = shortestGracePeriod(props, config, config.litestream);
  if (Number.isInteger(given) && given >= (least ?? 0)) return [];
  return [
    {
      field: "terminationGracePeriodSeconds",
      value: given,
      wrong: Number.isInteger(given)
        ? "is less than stopTimeout, shutdownSyncTimeout for each database and 10 s together need: the pod would be killed before its last sync"
        : "is not a number of seconds",
      fix: `Write ${least ?? 60} or more, or leave it out.`,
    },
  ];
}

/** Settings that Litestream would take and that would do nothing, or stop it. */
function withoutEffectProblems({ litestream = {} }: LitestreamAppProps): Problem[] {
  const { heartbeatInterval, heartbeatUrl, levels, socket } = litestream;
  const found: Problem[] = [];
  if (heartbeatInterval !== undefined && heartbeatUrl === undefined)
    found.push({
      field: "litestream.heartbeatInterval",
      value: heartbeatInterval,
      wrong: "has no effect without heartbeatUrl",
      fix: 'Write heartbeatUrl: { secret: Secret.existing("name"), key: "url" } too.',
    });
  if (Array.isArray(levels) && levels.length > MOST_LEVELS)
    found.push({
      field: "litestream.levels",
      value: levels.length,
      wrong: `are more than the ${MOST_LEVELS} levels between the first and the snapshots`,
      fix: "Leave some out.",
    });
  const path = socket?.path;
  if (typeof path === "string" && !isExpression(path) && !path.startsWith(`${RUN_FOLDER}/`))
    found.push({
      field: "litestream.socket.path",
      value: path,
      wrong: "is in a folder that Litestream may not write",
      fix: `Leave it out, or write a file in ${RUN_FOLDER}.`,
    });
  return found;
}

/** Level 0 is the first, level 9 the snapshots. */
const MOST_LEVELS = 8;
