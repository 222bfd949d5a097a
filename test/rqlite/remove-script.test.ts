import { clusterObjects, USERS } from "../support/rqlite";
import { endScripts, environmentOf, Scripts, serve } from "../support/rqlite-scripts";

afterEach(endScripts);

interface Node {
  readonly id: string;
  readonly reachable: boolean;
  readonly leader: boolean;
}

const NODES: readonly Node[] = [0, 1, 2, 3, 4].map((n) => ({
  id: `notes-${n}`,
  reachable: n < 3,
  leader: n === 1,
}));

interface Surroundings {
  readonly nodes?: readonly Node[];
  /** Where the pods that are to be gone are looked for; "localhost" answers. */
  readonly pods?: string;
  readonly refuses?: boolean;
  readonly seconds?: string;
}

/** Makes a cluster of 5 one of 3. */
async function remove({
  nodes = NODES,
  pods = "invalid",
  refuses = false,
  seconds = "60",
}: Surroundings = {}) {
  let left = [...nodes];
  const removed: string[] = [];
  const users = new Set<string>();
  const port = await serve((request, response) => {
    users.add(request.headers.authorization ?? "nobody");
    if (request.method !== "DELETE") {
      // As rqlite writes it: in one line.
      response.end(request.url?.startsWith("/nodes") ? JSON.stringify({ nodes: left }) : "ok");
      return;
    }
    let body = "";
    request.on("data", (data: Buffer) => void (body += data.toString()));
    request.on("end", () => {
      removed.push(JSON.parse(body).id);
      if (!refuses) left = left.filter(({ id }) => id !== removed.at(-1));
      response.writeHead(refuses ? 503 : 200).end(refuses ? "leader not found" : "");
    });
  });
  const objects = clusterObjects({ voters: 3, previousVoters: 5, users: USERS as never });
  const [container] = objects["Job/notes-remove-5-to-3"].spec.template.spec.containers;
  const scripts = new Scripts({ "remove.sh": container.command[2] }, port);
  const end = await scripts.run("remove.sh", [seconds, ...container.args.slice(1)], {
    ...environmentOf(container, { nodes: 'pass"word' }),
    RQLITE_SERVICE: "localhost",
    RQLITE_NODES: pods,
  });
  return { ...end, removed, users: [...users] };
}

test("the nodes of pods that are gone are removed, one after the other", async () => {
  const { code, removed, lines, stderr, users } = await remove();
  expect({ code, stderr, removed }).toEqual({
    code: 0,
    stderr: "",
    removed: ["notes-3", "notes-4"],
  });
  expect(lines).toEqual([
    "remove: pod notes-3 is gone",
    "remove: pod notes-4 is gone",
    "remove: removing notes-3: 200 ",
    "remove: notes-3 is no node of the cluster any more",
    "remove: removing notes-4: 200 ",
    "remove: notes-4 is no node of the cluster any more",
    "remove: the cluster has 3 voters",
  ]);
  expect(users).toEqual([`Basic ${Buffer.from('rqlite-nodes:pass"word').toString("base64")}`]);
}, 30_000);

test("running it again changes nothing", async () => {
  const { code, removed } = await remove({ nodes: NODES.slice(0, 3) });
  expect({ code, removed }).toEqual({ code: 0, removed: [] });
}, 30_000);

test("nothing is removed while a pod is still there", async () => {
  const { code, removed, stderr } = await remove({ pods: "localhost", seconds: "3" });
  expect({ code, removed }).toEqual({ code: 1, removed: [] });
  expect(stderr).toBe(
    "Error: time is up: pod notes-3 is still there: is replicas of the StatefulSet lower?\n",
  );
}, 30_000);

test.each([
  [
    "one that stays doesn't answer",
    NODES.map((one) => ({ ...one, reachable: one.id < "notes-2" })),
  ],
  ["there is no leader", NODES.map((one) => ({ ...one, leader: false }))],
])(
  "nothing is removed while %s",
  async (_, nodes) => {
    const { code, removed, stderr } = await remove({ nodes, seconds: "3" });
    expect({ code, removed }).toEqual({ code: 1, removed: [] });
    expect(stderr).toBe(
      "Error: time is up: not all of the 3 voters that stay answer; nothing was removed\n",
    );
  },
  30_000,
);

test("a removal that the cluster refuses fails the Job, and says so", async () => {
  const { code, lines, stderr } = await remove({ refuses: true, seconds: "3" });
  expect(code).toBe(1);
  expect(lines).toContain("remove: removing notes-3: 503 leader not found");
  expect(stderr).toBe("Error: time is up: notes-3 is still a node of the cluster\n");
}, 30_000);
