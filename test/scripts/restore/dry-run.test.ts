import { Failure, TimeoutFailure } from "../../../scripts/cluster/failure";
import { answerOf } from "../../../scripts/restore/dry-run";

const PATH = "/data/tenants/a.db";

test("what the replica says is handed on", async () => {
  const answer = { code: 0, stdout: "{}", stderr: "" };
  expect(await answerOf(PATH, 90, Promise.resolve(answer))).toBe(answer);
});

test("of a replica that doesn't answer a person is told that nothing was stopped, and not what was run", async () => {
  const late = answerOf(PATH, 90, Promise.reject(new TimeoutFailure("What was run …")));
  await expect(late).rejects.toEqual(
    new Failure(
      "The replica of /data/tenants/a.db doesn't answer within 90 s.\nNothing was stopped, and nothing has changed.",
    ),
  );
});

test("another failure stays what it is", async () => {
  const lost = new Failure("The connection was lost.");
  await expect(answerOf(PATH, 90, Promise.reject(lost))).rejects.toBe(lost);
});
