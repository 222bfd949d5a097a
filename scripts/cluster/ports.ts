import { PassThrough } from "node:stream";
import { PortForward } from "@kubernetes/client-node";
import type { Cluster } from "./client";
import { within } from "./explain";
import { Failure } from "./failure";
import { notOpened } from "./socket";

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/**
 * What a server in a pod answers to `GET <path>`. Through a forwarded port: that needs no program in the pod, and no
 * NetworkPolicy stands in its way.
 *
 * @throws Failure when it isn't 200, or doesn't come within `seconds`.
 */
export async function getFromPod(
  { config }: Cluster,
  { namespace, pod, port }: PodPort,
  path: string,
  seconds: number,
): Promise<string> {
  const [output, errors, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let [answer, complaint] = ["", ""];
  output.setEncoding("utf8").on("data", (text: string) => (answer += text));
  errors.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const opened = new PortForward(config).portForward(namespace, pod, [port], output, errors, input);
  const what = `port ${port} of pod ${namespace}/${pod}`;
  const answered = opened.then(
    async (socket) => {
      if (typeof socket === "function") throw new Failure(`No connection to ${what}.`);
      const closed = new Promise((resolve) => (socket.onclose = resolve));
      // 1.0: the answer is one piece, and the connection ends with it.
      input.write(`GET ${path} HTTP/1.0\r\nHost: localhost:${port}\r\n\r\n`);
      await closed;
    },
    (error: unknown) => {
      const otherwise = `No connection to ${what}`;
      throw notOpened(error, {
        what: `reach ${what}`,
        resource: "pods/portforward",
        otherwise,
      });
    },
  );
  try {
    await within(seconds, `an answer from ${what}`, answered);
  } finally {
    void opened.then(
      (socket) => typeof socket !== "function" && socket.close(),
      () => undefined,
    );
  }
  return bodyOf(answer, complaint.trim(), what);
}

function bodyOf(answer: string, complaint: string, what: string): string {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0)
    throw new Failure(`Nothing answers at ${what}${complaint === "" ? "" : `: ${complaint}`}.`);
  const status = /^HTTP\/1\.\d (\d+)/.exec(answer)?.[1];
  if (status !== "200") throw new Failure(`The answer from ${what} is HTTP ${status}.`);
  return answer.slice(end + 4);
}
