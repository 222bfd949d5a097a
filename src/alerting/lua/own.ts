/** What the pod's own log says: that lines come through, and whether receivers take what they are sent. */
export const ownModule = String.raw`local Own = {}
Own.__index = Own

-- A receiver that answers wrongly may be down for a moment; after so many seconds it is a problem.
local PATIENCE = 300
-- So long Fluent Bit's own trouble counts when it doesn't say that it is over. Seconds.
local MEMORY = 3600
-- A tick that took longer comes of a pipeline which is behind. Seconds.
local FRESH = 120

function Own.new(settings) return setmetatable({ every = settings.every, failing = {} }, Own) end

local function failed(self, name, why, now)
  local since = self.failing[name] or now
  self.failing[name] = since
  -- Fluent Bit sends these never again, and everything else later.
  local lost = why:find("^HTTP 4") and why ~= "HTTP 408" and why ~= "HTTP 429"
  if name == "heartbeat" or not (lost or now - since >= PATIENCE) then return end
  return {
    level = "error",
    kind = name .. " takes no alerts",
    message = "the receiver " .. name .. (lost and " refused a message: " or " can't be reached: ") .. why,
    not_to = name,
  }
end

-- What isn't read, or can't be kept, reaches nobody.
local function trouble(self, line, now)
  if line:find("^%[error%] %[alerts%]") or line:find("^%[[%d/:. ]+%] %[ ?[we][ar]%a+%] %[input%a*[ %]]") or line:find("^%[[%d/:. ]+%] %[error%] %[storage%]") then
    self.trouble = now
  elseif line:find("^%[[%d/:. ]+%] %[ info%] %[input%] %S+ resume") then
    self.trouble = nil
  end
end

-- read(LINE, TIME, NOW): the problem that the line tells of, if any, or that it is over
function Own:read(line, time, now)
  -- Only at a line's beginning: what is told on stdout may say the same.
  local name, said = line:match("^%[[%d/:. ]+%] %[ *%a+%] %[output:http:([%w-]+)%] (.*)")
  if now - time >= FRESH then return end
  if not name then return trouble(self, line, now) end
  local status = said:match("HTTP status=(%d+)")
  -- Fluent Bit 5.1 takes no other for success.
  if status and status:find("^20[0-5]$") then
    self.failing[name] = nil
    local ends = { [name .. " takes no alerts"] = true }
    return { level = "recovery", kind = name .. " takes alerts again", message = "the receiver " .. name .. " can be reached again", not_to = name, ends = ends }
  elseif status then
    return failed(self, name, "HTTP " .. status, now)
  elseif said:find("no upstream connections available", 1, true) or said:find("(http_do=-1)", 1, true) then
    -- Nobody listens, an unknown host, a connection that is no TLS or has no valid certificate; or no answer.
    return failed(self, name, "no connection", now)
  end
end

-- ticked(LINE, TIME, NOW): whether this is the pipeline's own sign of life
function Own:ticked(line, time, now) return line:find('^{"date":[%d.]+,"msg":"tick"}') ~= nil and now - time < FRESH end

-- beat(NOW): what to ping with, when it is time and alerts would arrive
function Own:beat(now)
  -- Whatever the clock was set to: too many are better than none.
  if not self.every or math.abs(now - (self.last or 0)) < self.every - 30 then return end
  if self.trouble and math.abs(now - self.trouble) < MEMORY then return end
  for name in pairs(self.failing) do
    if name ~= "heartbeat" then return end
  end
  self.last = now
  return "alerts are read and delivered\n"
end

return Own
`;
