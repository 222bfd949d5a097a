/** The filter itself: a line of a container in, messages to receivers out. */
export const alertsScript = String.raw`local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
package.path = here .. "?.lua;" .. package.path

local Message = require "message"
local Own = require "own"
local Problem = require "problem"
local Receivers = require "receivers"
local Throttle = require "throttle"
local settings = require "settings"

-- Lines from before are old news: a first start reads the logs from their beginning. By the clock of the start, as a node
-- without one of its own begins in the past.
local OLDEST = os.time() - 86400
-- A recovery of what nobody knows any more, after a restart, may have been of anything.
local RANK = { warning = 1, error = 2, recovery = 2 }

local throttle = Throttle.new(settings.throttle)
local own = Own.new(settings)
local number = 0

-- Each has a tag of its own, so that Fluent Bit keeps and sends it by itself: one that is refused takes no other along.
local function tagged(name, record)
  number = number + 1
  record.tag = ("alert.%s.%d-%d"):format(name, os.time(), number)
  return record
end

local function send(messages, problem, told, time)
  local message = Message.of(problem, told, time, settings.cluster)
  for _, receiver in ipairs(settings.receivers) do
    if RANK[told.level or problem.level] >= RANK[receiver.minimum] and receiver.name ~= problem.not_to then
      local record = {}
      if receiver.kind == "stdout" then
        for _, field in ipairs(message.fields) do record[field[1]] = field[2] end
      else
        record.body, record.headers = Receivers[receiver.kind](message)
      end
      messages[#messages + 1] = tagged(receiver.name, record)
    end
  end
end

local function tell(messages, problem, time, now)
  local told
  if problem.level == "recovery" then
    local known
    told, known = throttle:recovered(problem, now)
    -- Nobody heard of what has ended, or this is said also where nothing was wrong.
    if not told and (known or problem.ends) then return end
  end
  told = told or throttle:seen(problem, time, now)
  if told then send(messages, problem, told, time) end
end

-- own_line(LINE, TIME, NOW): of this pod
local function own_line(messages, line, about, time, now)
  local problem = own:read(line, time, now)
  if problem then tell(messages, Problem.about(problem, about), time, now) end
  if not own:ticked(line, time, now) then return end
  for _, due in ipairs(throttle:due(now)) do send(messages, due[1], due[2], due[3]) end
  local beat = own:beat(now)
  if beat then messages[#messages + 1] = tagged("heartbeat", { body = beat, headers = { ["Content-Type"] = "text/plain" } }) end
end

-- about_of(TAG, RECORD): whose line it is. While the API server can't be reached, only the file's name says.
local function about_of(tag, record)
  if type(record.kubernetes) == "table" then return record.kubernetes end
  local pod, namespace, container = tag:match("%.containers%.([^_]+)_([^_]+)_(.+)%-%x+%.log$")
  return { pod_name = pod, namespace_name = namespace, container_name = container }
end

local function read(tag, record, time, now)
  local messages = {}
  local about = about_of(tag, record)
  local line = type(record.log) == "string" and record.log or ""
  if about.container_name == settings.container then
    -- Others of its kind tell of themselves: what two wrote of each other would have no end.
    if about.pod_name == settings.pod and about.namespace_name == settings.namespace then own_line(messages, line, about, time, now) end
  elseif time > OLDEST then
    local problem = Problem.of(line, type(record.parsed) == "table" and record.parsed or {}, about)
    if problem then tell(messages, problem, time, now) end
  end
  return messages
end

function alerts(tag, time, record)
  local fine, messages = pcall(read, tag, record, time, os.time())
  if not fine then
    -- An error that went on from here would let all lines through as they are.
    io.stderr:write("[error] [alerts] a line can't be read: " .. tostring(messages) .. "\n")
    return -1, 0, 0
  end
  if #messages == 0 then return -1, 0, 0 end
  return 2, time, messages
end
`;
