import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Alert, type AlertReceiver, type LogAlertsProps, Secret } from "../../src";
import { alertsConfig } from "../../src/alerting/config";
import { alertFiles } from "../../src/alerting/files";
import { untemplated } from "./proof";

/** Interpreters of the Lua that Fluent Bit has: the first one that is there runs the tests. */
const INTERPRETER = ["luajit", "lua5.1"].find((name) => spawnSync(name, ["-v"]).status === 0);

/** `describe`, or `describe.skip` with the reason in its name where no interpreter is. */
export function withLua(name: string, body: () => void): void {
  if (INTERPRETER) describe(name, body);
  else describe.skip(`${name} (skipped: needs luajit or lua5.1)`, body);
}

/** The moment 0 of the tests, 2026-01-01 00:00 UTC. */
const BEGIN = Date.UTC(2026, 0, 1) / 1000;

/** What Fluent Bit hands to Lua for a JSON null. */
export const NULL = Symbol("null");

/** A line of a container's log as it reaches the filter, or several alike. */
export interface Line {
  /** Seconds since 2026-01-01 00:00 UTC. */
  readonly at: number;
  /** When it is read. @default when it was written */
  readonly read?: number;
  readonly log: unknown;
  /** So often, and so many seconds apart; `{n}` in it is the number of each. */
  readonly times?: number;
  readonly every?: number;
  readonly app?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: unknown;
  /** In place of what Kubernetes says, and of what a JSON parser makes of the line. */
  readonly kubernetes?: unknown;
  readonly parsed?: unknown;
  readonly tag?: string;
}

/** A message that a line gave. */
export interface Told {
  /** When it was made, in seconds since 2026-01-01 00:00 UTC. */
  readonly at: number;
  readonly tag: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message to the webhook. */
export interface Message {
  readonly level: string;
  readonly problem: string;
  readonly app: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly database: string;
  readonly message: string;
  readonly time: string;
  readonly since: string;
  readonly leftOut: number;
  readonly logs: string;
}

export type Options = Partial<Pick<LogAlertsProps, "receivers" | "throttle" | "cluster">> & {
  readonly heartbeat?: string;
  /** What stands for `{long}` in lines. */
  readonly long?: string;
  /** Fails when one line takes longer. */
  readonly seconds?: number;
};

const key = (name: string) => ({ secret: Secret.existing("alerts"), key: name });
export const WEBHOOK: AlertReceiver = Alert.webhook({ url: key("webhook") });

/** The pod that the filter runs in. */
export const OWN = { pod: "alerts-x2x", namespace: "log-alerts", container: "log-alerts" };

/** Has the filter read lines, and gives what it makes of them. */
export function told(lines: readonly Line[], options: Options = {}): Told[] {
  const script = `
local steps = ${literal(lines.map(step))}
local clock = steps[1].read
os.time = function() return clock end
dofile(FOLDER .. "/alerts.lua")
local LONG = ${literal(options.long ?? "")}
local function numbered(value, number)
  if type(value) == "string" then return (value:gsub("{n}", number):gsub("{long}", function() return LONG end)) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, one in pairs(value) do copy[name] = numbered(one, number) end
  return copy
end
local found = {}
for _, step in ipairs(steps) do
  for number = 0, step.times - 1 do
    clock = math.floor(step.read + number * step.every)
    local record = step.numbered and numbered(step.record, number) or step.record
    local began = os.clock()
    local code, _, messages = alerts(step.tag, step.at + number * step.every, record)
    if os.clock() - began > ${options.seconds ?? "math.huge"} then error("a line took " .. os.clock() - began .. " s") end
    if code ~= -1 then
      for _, message in ipairs(messages) do found[#found + 1] = { at = clock, record = message } end
    end
  end
end
return found`;
  const found = runLua(script, options) as { at: number; record: Told & Record<string, unknown> }[];
  return found.map(({ at, record }) => ({ ...record, at: at - BEGIN }));
}

/** What the webhook is told, and when. */
export function messages(lines: readonly Line[], options?: Options): (Message & { at: number })[] {
  return told(lines, options)
    .filter(({ tag }) => tag.startsWith("alert.webhook."))
    .map(({ at, body }) => ({ at, ...(JSON.parse(body) as Message) }));
}

/** What a line is found to tell of. */
export interface Found {
  readonly kind: string;
  readonly level: string;
  readonly message: string;
  readonly database: string;
  readonly app: string;
  readonly lasting?: number;
  readonly ends?: Readonly<Record<string, true>>;
}

/** What each line tells of, by itself: undefined for nothing. */
export function found(lines: readonly Omit<Line, "at">[]): (Found | undefined)[] {
  const steps = lines.map((line) => step({ at: 0, ...line }).record);
  const script = `
local Problem = require "problem"
local all = {}
for index, record in ipairs(${literal(steps)}) do
  all[index] = { Problem.of(record.log, record.parsed or {}, record.kubernetes) or false }
end
return all`;
  return (runLua(script) as [Found | false][]).map(([one]) => one || undefined);
}

/** Runs Lua beside the filter's files, which are in FOLDER; gives what it returns. It may write nothing elsewhere. */
export function runLua(script: string, options: Options = {}): unknown {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-lua-"));
  const { receivers = [WEBHOOK], throttle, cluster = "", heartbeat } = options;
  const config = alertsConfig("alerts", OWN.namespace, {
    receivers,
    throttle,
    heartbeat: heartbeat === undefined ? undefined : { url: key("heartbeat"), every: heartbeat },
  });
  for (const [name, text] of Object.entries(alertFiles(config)))
    writeFileSync(join(folder, name), untemplated(text));
  writeFileSync(
    join(folder, "test.lua"),
    `FOLDER = ${literal(folder)}\npackage.path = FOLDER .. "/?.lua"\n${ENCODE}\nio.write(encode((function()\n${script}\nend)()))`,
  );
  const env = { ...process.env, CLUSTER: cluster, POD_NAME: OWN.pod, POD_NAMESPACE: OWN.namespace };
  const { status, stdout, stderr } = spawnSync(INTERPRETER ?? "", [join(folder, "test.lua")], {
    env,
    maxBuffer: 1e8,
  });
  rmSync(folder, { recursive: true });
  if (status !== 0 || stderr.length > 0) throw new Error(stderr.toString());
  return texts(JSON.parse(stdout.toString()));
}

/** Bytes as characters of the same numbers: what is no UTF-8 arrives here as it was there. */
const ENCODE = String.raw`function encode(value)
  if type(value) == "number" then return ("%.17g"):format(value) end
  if type(value) == "boolean" or value == nil then return value == nil and "null" or tostring(value) end
  if type(value) == "string" then
    return '"' .. value:gsub('[%z\1-\31"\\\127-\255]', function(one) return ("\\u%04x"):format(one:byte()) end) .. '"'
  end
  local parts = {}
  if #value > 0 or next(value) == nil then
    for _, one in ipairs(value) do parts[#parts + 1] = encode(one) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for name, one in pairs(value) do parts[#parts + 1] = encode(name) .. ":" .. encode(one) end
  return "{" .. table.concat(parts, ",") .. "}"
end`;

/** The reverse, which throws for what is no UTF-8. */
function texts(value: unknown): unknown {
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "latin1");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, texts(one)]));
}

/** A line as Fluent Bit hands it over. */
function step(line: Line) {
  const { at, log, app = "notes", namespace = "apps", pod = `${app}-0`, times = 1 } = line;
  const { container = "litestream-sidecar", read = at, every = 1 } = line;
  const labels = { "app.kubernetes.io/name": app };
  const about = {
    pod_name: pod,
    namespace_name: namespace,
    container_name: container,
    host: "node-1",
    labels,
  };
  const record = {
    log,
    kubernetes: "kubernetes" in line ? line.kubernetes : about,
    parsed: "parsed" in line ? line.parsed : parsed(log),
  };
  const tag = line.tag ?? "kube.var.log.containers.a_b_c-0.log";
  const numbered = /\{(n|long)\}/.test(String(log));
  return { at: BEGIN + at, read: BEGIN + read, times, every, tag, numbered, record };
}

/** As a JSON parser does it: of two keys the last one stays. */
function parsed(log: unknown): unknown {
  try {
    const value: unknown = JSON.parse(String(log));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A value as Lua reads it. */
export function literal(value: unknown): string {
  if (value === NULL || value === null) return "newproxy()";
  if (value === undefined) return "nil";
  if (typeof value === "string" || Buffer.isBuffer(value)) return luaString(Buffer.from(value));
  if (Array.isArray(value)) return `{ ${value.map(literal).join(", ")} }`;
  if (typeof value !== "object") return String(value);
  const fields = Object.entries(value).map(([name, one]) => `[${literal(name)}] = ${literal(one)}`);
  return `{ ${fields.join(", ")} }`;
}

function luaString(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  return `"${text.replace(/[^ !#-[\]-~]/g, (one) => `\\${String(one.charCodeAt(0)).padStart(3, "0")}`)}"`;
}
