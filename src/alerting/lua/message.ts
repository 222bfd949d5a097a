/** What a person reads of one problem. */
export const messageModule = String.raw`local Json = require "json"

local Message = {}

-- Longer texts are cut by receivers, or refused. Bytes, of what happened and of names: Kubernetes has no longer ones.
local TEXT, NAME = 1000, 253

local function moment(time) return os.date("!%Y-%m-%d %H:%M:%S UTC", time) end
local function iso(time) return os.date("!%Y-%m-%dT%H:%M:%SZ", time) end

local function duration(seconds)
  if seconds % 3600 == 0 then return ("%d h"):format(seconds / 3600) end
  if seconds % 60 == 0 then return ("%d min"):format(seconds / 60) end
  return ("%d s"):format(seconds)
end

local function cut(text, length) return Json.cut(Json.clean(text), length) end
local function name(text) return (cut(text, NAME):gsub("\n", " ")) end

-- of(PROBLEM, TOLD, TIME, CLUSTER): TOLD is the throttle's, TIME that of the line
function Message.of(problem, told, time, cluster)
  local app, namespace, kind, database = name(problem.app), name(problem.namespace), name(problem.kind), name(problem.database)
  local pod, container = name(problem.pod), name(problem.container)
  local message = cut(problem.message, TEXT)
  local since = problem.level ~= "recovery" and told.since or time
  cluster = name(cluster)
  local what = (database == "" and "" or database .. ": ") .. message
  local when = (since < time - 1 and "Since " .. moment(since) or "At " .. moment(time)) .. "."
  if told.left > 0 then when = when .. (" %d more left out."):format(told.left) end
  if told.quiet then when = when .. " What else comes of this within " .. duration(told.quiet) .. " is counted." end
  local command = ("kubectl -n %s logs %s -c %s --since=1h"):format(namespace, pod, container)
  return {
    level = problem.level,
    title = app .. " (" .. namespace .. (cluster == "" and "" or ", " .. cluster) .. "): " .. kind,
    what = what,
    when = when,
    text = what .. "\n" .. when,
    command = command,
    fields = {
      { "level", problem.level },
      { "problem", kind },
      { "app", app },
      { "namespace", namespace },
      { "cluster", cluster },
      { "database", database },
      { "message", message },
      { "time", iso(time) },
      { "since", iso(since) },
      { "leftOut", told.left },
      { "node", name(problem.node) },
      { "pod", pod },
      { "container", container },
      { "logs", command },
    },
  }
end

return Message
`;
