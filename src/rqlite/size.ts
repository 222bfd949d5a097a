import { isExpression } from "../terraform/expression";
import { choiceProblem, type Problem } from "../terraform/problem";

/** How many voters a cluster may have. */
export const SIZES = [1, 3, 5, 7] as const;

/** So many of the voters have to be there for a write. */
export function quorum(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * Problems of a cluster's size.
 *
 * @see https://rqlite.io/docs/clustering/general-guidelines/
 */
export function voterProblems(voters: unknown, previousVoters: unknown): Problem[] {
  const found = countProblems("voters", voters);
  if (previousVoters === undefined) return found;
  found.push(...countProblems("previousVoters", previousVoters));
  if (found.length > 0) return found;
  return shrinkProblems(Number(voters), Number(previousVoters));
}

function countProblems(field: string, value: unknown): Problem[] {
  if (SIZES.some((size) => size === value)) return [];
  if (isExpression(value)) return [choiceProblem(field, value, "Write the number itself.")];
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number < 7 && number % 2 === 0)
    return [
      {
        field,
        value,
        wrong: `is even: ${number} voters survive the loss of no more nodes than ${number - 1} do, and each write waits for one more`,
        fix: `Write ${number - 1} or ${number + 1}.`,
      },
    ];
  return [
    {
      field,
      value,
      wrong: "is no size of a cluster: each write waits for a majority of the voters",
      fix: "Write 1, 3, 5 or 7; more nodes for reading are readers.",
    },
  ];
}

/** The pods beyond the new size go first, and the cluster has its old quorum until they are removed from it. */
function shrinkProblems(voters: number, before: number): Problem[] {
  const value = before;
  if (before <= voters)
    return [
      {
        field: "previousVoters",
        value,
        wrong: `is not more than voters ${voters}: it is for making a cluster smaller`,
        fix: "Leave it out.",
      },
    ];
  if (voters >= quorum(before)) return [];
  const wrong = `would lose quorum on the way: ${voters} of ${before} voters are no majority of them, and none could remove the others`;
  const step = SIZES.find((size) => size < before && size >= quorum(before));
  const possible = voters >= 3 && step !== undefined;
  return [
    {
      field: "previousVoters",
      value,
      wrong,
      fix: possible
        ? `Go to ${step} first, then from ${step} to ${voters}.`
        : "Keep 3 voters, or restore a backup into a new cluster of 1.",
    },
  ];
}
