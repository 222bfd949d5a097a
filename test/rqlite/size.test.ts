import { RqliteCluster, variable } from "../../src";
import { quorum, voterProblems } from "../../src/rqlite/size";
import { problemText } from "../../src/terraform/problem";
import { CLUSTER, clusterProblems, reported } from "../support/rqlite";
import { failure, newApp, ownStack } from "../support/synth";

const said = (voters: unknown, before?: unknown) => voterProblems(voters, before).map(problemText);

test.each([
  [1, 1],
  [3, 2],
  [5, 3],
  [7, 4],
])("%d voters need %d for a write", (voters, needed) => {
  expect(quorum(voters)).toBe(needed);
  expect(said(voters)).toEqual([]);
});

test.each([
  [
    2,
    "voters: 2 is even: 2 voters survive the loss of no more nodes than 1 do, and each write waits for one more. Write 1 or 3.",
  ],
  [
    4,
    "voters: 4 is even: 4 voters survive the loss of no more nodes than 3 do, and each write waits for one more. Write 3 or 5.",
  ],
  [
    6,
    "voters: 6 is even: 6 voters survive the loss of no more nodes than 5 do, and each write waits for one more. Write 5 or 7.",
  ],
  [
    0,
    "voters: 0 is no size of a cluster: each write waits for a majority of the voters. Write 1, 3, 5 or 7; more nodes for reading are readers.",
  ],
  [
    9,
    "voters: 9 is no size of a cluster: each write waits for a majority of the voters. Write 1, 3, 5 or 7; more nodes for reading are readers.",
  ],
  [
    "3",
    'voters: "3" is no size of a cluster: each write waits for a majority of the voters. Write 1, 3, 5 or 7; more nodes for reading are readers.',
  ],
])("voters: %p is refused", (voters, message) => {
  expect(clusterProblems({ voters })).toEqual([message]);
});

test("the number of voters must be known at synth", () => {
  const app = newApp();
  const stack = ownStack(app);
  new RqliteCluster(stack, "notes", {
    ...CLUSTER,
    voters: variable(stack, "voters", { type: "number", description: "voters" }).numberValue,
  });
  expect(reported(failure(app))).toEqual([
    "voters: is known only at apply, but decides what is synthesized. Write the number itself.",
  ]);
});

test.each([
  [5, 3],
  [7, 5],
])("from %d voters to %d a majority stays", (before, voters) => {
  expect(said(voters, before)).toEqual([]);
});

test.each([
  [
    7,
    3,
    "previousVoters: 7 would lose quorum on the way: 3 of 7 voters are no majority of them, and none could remove the others. Go to 5 first, then from 5 to 3.",
  ],
  [
    7,
    1,
    "previousVoters: 7 would lose quorum on the way: 1 of 7 voters are no majority of them, and none could remove the others. Keep 3 voters, or restore a backup into a new cluster of 1.",
  ],
  [
    3,
    1,
    "previousVoters: 3 would lose quorum on the way: 1 of 3 voters are no majority of them, and none could remove the others. Keep 3 voters, or restore a backup into a new cluster of 1.",
  ],
  [
    3,
    3,
    "previousVoters: 3 is not more than voters 3: it is for making a cluster smaller. Leave it out.",
  ],
  [
    3,
    5,
    "previousVoters: 3 is not more than voters 5: it is for making a cluster smaller. Leave it out.",
  ],
  [
    4,
    3,
    "previousVoters: 4 is even: 4 voters survive the loss of no more nodes than 3 do, and each write waits for one more. Write 3 or 5.",
  ],
])("from %d voters to %d is refused", (previousVoters, voters, message) => {
  expect(clusterProblems({ voters, previousVoters })).toEqual([message]);
});
