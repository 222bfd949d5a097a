import { WATCHED } from "../pipeline";
import { CONTAINER } from "../../kubernetes/names";

/**
 * Whether a line tells of a problem, or that one is over. Looks at the line as it is, and at the record that a JSON
 * parser made of it: Litestream writes a second key `level` in some errors, of which a parser keeps the last.
 */
export const problemModule = String.raw`local Texts = require "texts"

local Problem = {}

local LEVEL = { WARN = "warning", ERROR = "error" }
-- What comes further back doesn't tell a line's kind, and would cost time.
local READ = 8192
-- The names of files only begin like these.
local WATCHED = {
${WATCHED.map((name) => `  ["${name}"] = true,\n`).join("")}}
-- So many pods something is remembered of.
local PODS = 100

local function some(...)
  for index = 1, select("#", ...) do
    local value = select(index, ...)
    if type(value) == "string" and value ~= "" then return value:sub(1, READ) end
  end
  return ""
end

-- about(PROBLEM, KUBERNETES): whose it is
function Problem.about(problem, kubernetes)
  local labels = type(kubernetes.labels) == "table" and kubernetes.labels or {}
  local pod = some(kubernetes.pod_name, "unknown")
  problem.pod = pod
  problem.namespace = some(kubernetes.namespace_name, "unknown")
  problem.container = some(kubernetes.container_name, "unknown")
  problem.node = some(kubernetes.host)
  -- A StatefulSet's pods bear its name and a number.
  problem.app = some(problem.app, labels["app.kubernetes.io/name"], labels.app, (pod:gsub("%-%d+$", "")))
  problem.database = problem.database or ""
  return problem
end

-- One kind of problem has one text, whatever numbers and files are in it.
local function kind_of(message)
  local kind = (message:match("^(.-): ") or message):sub(1, 200)
  return (kind:gsub("%S*/%S*", "#"):gsub("%w*%d[%w.:-]*%d[%w.:-]*", "#"):gsub("%f[%w]%d%f[%W]", "#"):sub(1, 100))
end

-- The level of a structured line, which comes first in Litestream's JSON and in its text.
local function level_of(line)
  if line:find("^%s*{") then return (line:match('"level"%s*:%s*"(%a+)"') or ""):upper() end
  return (line:match("level=(%a+)") or ""):upper()
end

local BLANK = { n = " ", r = " ", t = " ", u = "\\u" }

-- quoted(LINE, AT): the text that stands in quotes from AT on, or as much of it as there is
local function quoted(line, at)
  local from, stop = at
  repeat
    stop = line:find('["\\]', at)
    at = (stop or 0) + 2
  until not stop or line:sub(stop, stop) == '"'
  return (line:sub(from, (stop or 0) - 1):gsub("\\(.)", function(one) return BLANK[one] or one end))
end

-- field(LINE, NAME): of JSON that no parser has read, or of Litestream's text
local function field(line, name)
  local _, last = line:find('"' .. name .. '"%s*:%s*"')
  if not last then _, last = line:find(" " .. name .. '="') end
  if last then return quoted(line, last + 1) end
  return line:match(" " .. name .. "=(%S+)")
end

local function structured(line, parsed, message, container)
  local found = Texts.of(container, line, message)
  if found == Texts.NOTHING then return end
  if not found then
    local level = LEVEL[level_of(line)]
    if not level then return end
    local text = message == "" and line or message
    found = { level = level, kind = kind_of(text), message = text }
  end
  found.kind = found.kind or kind_of(found.message)
  local cause = some(parsed.error, parsed.err, field(line, "error"), field(line, "err"))
  if cause ~= "" and found.message == message then found.message = message .. ": " .. cause end
  found.database = some(parsed.db, field(line, "db"))
  return found
end

-- Of which pods something is known; of those long gone nothing has to be.
local function mark(pods, pod, value)
  if value and not pods[pod] then
    if (pods.count or 0) >= PODS then
      for key in pairs(pods) do pods[key] = nil end
    end
    pods.count = (pods.count or 0) + 1
  end
  pods[pod] = value
end

-- Litestream 0.5.16 says of a sync that its own end breaks off that it has recovered.
local stopping = {}

local function ends(message, pod)
  if message == "signal received, litestream shutting down" then mark(stopping, pod, true) end
  if message == "litestream" or message == "litestream shut down" then mark(stopping, pod, nil) end
end

-- A failed proof is told with its database by the container that proves, and as a whole by both: once is enough.
local proven = {}

local function once(problem, parsed, pod)
  if problem.kind ~= "verification failed" then return problem end
  if type(parsed.step) == "string" then
    mark(proven, pod, true)
    return problem
  end
  if not proven[pod] then return problem end
end

-- of(LINE, PARSED, KUBERNETES): the problem, or nothing
function Problem.of(line, parsed, kubernetes)
  local container = some(kubernetes.container_name)
  if not WATCHED[container] then return end
  line = line:sub(1, READ):match("^.*%S") or ""
  local message = some(parsed.msg, field(line, "msg"))
  local pod = some(kubernetes.namespace_name) .. "\0" .. some(kubernetes.pod_name)
  ends(message, pod)
  local problem = structured(line, parsed, message, container)
  if not problem or (problem.working and stopping[pod]) then return end
  -- A verification bears a name of its own, and says in each line whose backup it proves.
  if container == "${CONTAINER.proof}" or container == "${CONTAINER.report}" then problem.app = some(parsed.app, field(line, "app")) end
  return once(Problem.about(problem, kubernetes), parsed, pod)
end

return Problem
`;
