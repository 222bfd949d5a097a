/** How often one problem is told. Time is given, in seconds. */
export const throttleModule = String.raw`local Throttle = {}
Throttle.__index = Throttle

-- So many problems are known at a time: of more, those that were quiet longest are forgotten.
local MOST = 1000
-- So many databases of one app have a throttle of their own for one kind of problem; others share one.
local DATABASES = 10
-- And so many kinds of one app.
local KINDS = 20
-- So many messages a minute leave a node; what is more waits. Fluent Bit stops reading, also for those whose receivers take all,
-- when more are on their way than it may hold open.
local PACE = 60
-- What has to last to be a problem comes at least so often. Seconds.
local PAUSE = 120

-- new{ burst, window, longest }: windows in seconds
function Throttle.new(settings)
  return setmetatable({ settings = settings, states = {}, count = 0, databases = {}, kinds = {}, sent = 0 }, Throttle)
end

local function add(counts, key, number)
  local sum = (counts[key] or 0) + number
  counts[key] = sum > 0 and sum or nil
  return sum
end

function Throttle:forget(key)
  local state = self.states[key]
  self.states[key] = nil
  self.count = self.count - 1
  if add(self.databases, state.group, -1) == 0 then add(self.kinds, state.app, -1) end
end

-- A tenth at a time: to find one takes as long.
function Throttle:forget_quietest()
  local keys = {}
  for key in pairs(self.states) do keys[#keys + 1] = key end
  table.sort(keys, function(one, other) return self.states[one].last < self.states[other].last end)
  for index = 1, MOST / 10 do self:forget(keys[index]) end
end

-- A clock that was set back takes along what is known: it ends nothing, and mutes nothing until it is where it was.
local function follow(state, now)
  if now >= state.last then return end
  state.next = state.next - (state.last - now)
  state.last = now
end

-- place(PROBLEM): the keys of its app, of its kind there, and of itself, which may be one that it shares
function Throttle:place(problem)
  local app = problem.namespace .. "\0" .. problem.app
  local of = app .. "\0" .. problem.kind
  if not self.databases[of] and (self.kinds[app] or 0) >= KINDS then return app, app .. "\0\0", app .. "\0\0", true end
  local key = of .. "\0" .. problem.database
  if self.states[key] or (self.databases[of] or 0) < DATABASES then return app, of, key, false end
  return app, of, of .. "\0\0", true
end

-- state(PROBLEM, NOW): what is known of it
function Throttle:state(problem, now)
  local app, of, key, shared = self:place(problem)
  local state = self.states[key]
  if state then
    follow(state, now)
    if now - state.last < self.settings.longest then return state end
    self:forget(key)
  end
  if self.count >= MOST then self:forget_quietest() end
  if add(self.databases, of, 1) == 1 then add(self.kinds, app, 1) end
  self.count = self.count + 1
  state = { app = app, group = of, shared = shared, sent = 0, left = 0, returned = 0, window = self.settings.window, last = now, next = 0 }
  self.states[key] = state
  return state
end

-- may(STATE, NOW): whether a message of it is to be sent now
function Throttle:may(state, now)
  local minute = math.floor(now / 60)
  if minute ~= self.minute then self.minute, self.sent = minute, 0 end
  return self.sent < PACE and (state.sent < self.settings.burst or now >= state.next)
end

-- told(STATE, NOW): what goes with a message that is sent now
local function told(self, state, now)
  self.sent = self.sent + 1
  local left = state.left
  state.left = 0
  state.heard = true
  state.sent = state.sent + 1
  if state.sent > self.settings.burst then state.window = math.min(2 * state.window, self.settings.longest) end
  state.next = now + state.window
  return { left = left, since = state.open, quiet = state.sent >= self.settings.burst and state.window or nil }
end

-- seen(PROBLEM, TIME, NOW): what to say with it, or nothing when it is to be left out; TIME is its line's
function Throttle:seen(problem, time, now)
  local state = self:state(problem, now)
  -- What mends itself within a moment, and comes again much later, never lasts. By the lines' own time: those of a whole
  -- day are read at once where they weren't read before.
  if state.open and problem.lasting and not state.lasted and time - state.time > PAUSE then state.open = nil end
  state.open = math.min(state.open or time, time)
  state.last, state.time, state.latest = now, time, problem
  if problem.lasting and not state.lasted and time - state.open < problem.lasting then return end
  state.lasted = true
  if self:may(state, now) then return told(self, state, now) end
  state.left = state.left + 1
end

-- due(NOW): the latest of what was left out in windows that have ended, as a list of { problem, what to say, its time }, oldest
-- first; and forgets what has ended
function Throttle:due(now)
  local waiting, ended, found = {}, {}, {}
  for key, state in pairs(self.states) do
    follow(state, now)
    -- A recovery that comes late says that all is well where it may not be any more.
    if state.left > 0 and state.open and now >= state.next and state.latest.level ~= "recovery" then
      waiting[#waiting + 1] = state
    elseif now - state.last >= self.settings.longest then
      ended[#ended + 1] = key
    end
  end
  for _, key in ipairs(ended) do self:forget(key) end
  table.sort(waiting, function(one, other) return one.time < other.time end)
  for _, state in ipairs(waiting) do
    if self:may(state, now) then
      -- The last of them is the one that is told.
      state.left = state.left - 1
      found[#found + 1] = { state.latest, told(self, state, now), state.time }
    end
  end
  return found
end

-- recovered(PROBLEM): what to say with it when somebody was told of what has ended; and whether anything was known of that.
-- What comes again after that is told within a first window, with each time within a longer one: people take it for mended.
function Throttle:recovered(problem, now)
  local answer, known
  for _, state in pairs(self.states) do
    local other = state.latest
    local same = other.namespace == problem.namespace and other.app == problem.app and other.database == problem.database
    -- What is shared goes on for others.
    if same and not state.shared and other.level ~= "recovery" and (not problem.ends or problem.ends[other.kind]) then
      known = true
      if state.heard then
        answer = answer or { left = 0, level = "warning" }
        answer.left = answer.left + state.left
        if other.level == "error" then answer.level = "error" end
        state.left = 0
        state.next = math.min(state.next, now + math.min(self.settings.window * 2 ^ state.returned, self.settings.longest))
        state.returned = state.returned + 1
      end
      state.open, state.lasted, state.heard = nil, nil, nil
    end
  end
  return answer, known
end

return Throttle
`;
