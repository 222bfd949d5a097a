import { CONTAINER } from "../../kubernetes/names";

/**
 * What programs say of trouble without a level, or with one that says otherwise, and what is no trouble whatever its
 * level. The texts are those of LiteFS 0.5.14, rqlite 8.26.8 and 10.2.7 with Raft 1.7, Litestream 0.5.16 and 0.3.13.
 *
 * @see https://github.com/superfly/litefs/blob/v0.5.14/store.go
 * @see https://github.com/rqlite/rqlite/blob/v10.2.7/store/store.go
 * @see https://github.com/hashicorp/raft/blob/v1.7.3/raft.go
 * @see https://github.com/benbjohnson/litestream/blob/v0.5.16/replica.go
 */
export const textsModule = String.raw`local Texts = {}

-- Of a line that is no problem, whatever its level.
local NOTHING = {}
Texts.NOTHING = NOTHING

-- Each rule is a part of the text, then what it means: a kind of problem, its level, and for how many seconds it has to come
-- again before it is one. What a restart of some pod brings with it isn't.

local PANIC = {
  { "^panic: ", kind = "crash", level = "error" },
  { "^fatal error: ", kind = "crash", level = "error" },
  -- For example an image for another processor.
  { "^exec [^:]+: ", kind = "can't be started", level = "error" },
}

local LITESTREAM = {
  { "^Error: ", kind = "fatal error", level = "error" },
  -- 0.3 before it has read its configuration.
  { "^%d+/%d+/%d+ [%d:]+ ERROR ", kind = "fatal error", level = "error" },
  { "^replica sync recovered", kind = "replica sync recovered", level = "recovery", working = true },
  { "^sync recovered", kind = "sync recovered", level = "recovery", working = true },
  { "^auto%-recovery complete", kind = "auto-recovery complete", level = "recovery" },
  { "^shutdown sync succeeded after retry", kind = "shutdown sync succeeded", level = "recovery", ends = { ["shutdown sync failed, retrying"] = true } },
  { "^shutdown sync failed, retrying", kind = "shutdown sync failed, retrying", level = "warning", lasting = 10 },
  -- The last writes are not in the backup.
  { "^shutdown sync skipped", kind = "shutdown sync failed", level = "error" },
  { "^shutdown sync interrupted", kind = "shutdown sync failed", level = "error" },
  { "^detected database behind replica", kind = "database behind replica", level = "warning" },
  -- Warnings by their level; a backup with a gap, or of nothing, by what they mean.
  { "^post%-compaction verification failed", kind = "post-compaction verification failed", level = "error" },
  { "^validation error detected", kind = "validation error detected", level = "error" },
  { "^timeout waiting for db initialization", kind = "timeout waiting for db initialization", level = "error" },
  -- That is how it was declared.
  { "^retention disabled; cloud provider", NOTHING },
}

-- Of a database that was restored just before, at every start on ephemeral storage: it has no transactions of its own yet.
local function restored(line, text)
  return text:find("^detected database behind replica") and line:find('db_txid"?[:=]"?0+%X')
end

local NO_PRIMARY = { ["lost primary"] = true }
local LITEFS = {
  { "^ERROR: ", kind = "fatal error", level = "error" },
  { "different cluster id", kind = "cluster id mismatch", level = "error" },
  { "lease already initialized with different ID", kind = "cluster id mismatch", level = "error" },
  -- It mends itself by a snapshot, unless it goes on.
  { "position mismatch on db", kind = "replica can't apply changes", level = "error", lasting = 30 },
  { "process ltx stream frame", kind = "replica can't apply changes", level = "error" },
  { "primary lease lost", kind = "lost primary", level = "error" },
  { "disconnected from primary with error", kind = "lost primary", level = "error", lasting = 60 },
  { "cannot find primary", kind = "lost primary", level = "error", lasting = 60 },
  { "cannot acquire lease or find primary", kind = "lost primary", level = "error", lasting = 60 },
  { "cannot become primary, local node has no cluster ID", kind = "lost primary", level = "error", lasting = 60 },
  { "cannot fetch cluster ID", kind = "lease can't be reached", level = "warning", lasting = 30 },
  { "lease renewal error", kind = "lease can't be reached", level = "warning" },
  { "cannot remove lease", kind = "lease can't be reached", level = "warning" },
  { "^consul key release error", kind = "lease can't be reached", level = "warning" },
  { "^cannot release consul key", kind = "lease can't be reached", level = "warning" },
  { "cannot acquire existing lease from handoff", kind = "hand-over failed", level = "warning" },
  { "state change recovery error .*context canceled", NOTHING },
  { "state change recovery error", kind = "database can't be recovered", level = "error" },
  { "^fatal error occurred while", kind = "fatal error", level = "error" },
  { "^commit wal error", kind = "writes fail", level = "error" },
  { "^invalid database header on", kind = "local copy thrown away", level = "error" },
  { "^client transaction id %(", kind = "writes of a former primary are discarded", level = "warning" },
  { "^client preapply checksum mismatch", kind = "writes of a former primary are discarded", level = "warning" },
  { "^fuse.* read only replica", kind = "app writes to a replica", level = "warning" },
  { "^fuse lock error", kind = "locks fail", level = "warning" },
  { "^lock wait error", kind = "locks fail", level = "warning" },
  { "^fuse.* error: ", kind = "mount fails", level = "error" },
  { "^fuse: create%(%): cannot create", kind = "mount fails", level = "error" },
  { "^mount helper ", kind = "mount fails", level = "error" },
  { "^backup stream failed", kind = "backup fails", level = "error", lasting = 60 },
  { "^subprocess exited with error", kind = "app ended", level = "error" },
  -- A first start.
  { "^restoring from backup.*no%-local", NOTHING },
  { "^restoring from backup", kind = "local copy replaced by the backup", level = "warning" },
  { "primary lease acquired", kind = "has a primary again", level = "recovery", ends = NO_PRIMARY },
}

local NO_LEADER = { ["lost quorum"] = true }
local RQLITE = {
  { "^failed to contact quorum of nodes", kind = "lost quorum", level = "error" },
  { "^Election timeout reached, restarting election", kind = "lost quorum", level = "error", lasting = 15 },
  { "^failed to make requestVote RPC", kind = "lost quorum", level = "error", lasting = 30 },
  { "^failed to heartbeat to", kind = "node doesn't answer", level = "warning", lasting = 60 },
  { "^failed to appendEntries to", kind = "node doesn't answer", level = "warning", lasting = 60 },
  { "^failed to pipeline appendEntries", kind = "node doesn't answer", level = "warning", lasting = 60 },
  { "^failed to start pipeline replication", kind = "node doesn't answer", level = "warning", lasting = 60 },
  -- It asks for an election again and again, and the others still have their leader.
  { "^rejecting .*vote request since we have a leader", kind = "node doesn't hear the leader", level = "warning", lasting = 60 },
  { "^rejecting .*vote request since node is not", kind = "node was removed", level = "warning", lasting = 60 },
  { "^successfully reaped ", kind = "node was removed", level = "warning" },
  { "^failed to reap ", kind = "node can't be removed", level = "warning" },
  { "^failed to remove node ", kind = "node can't be removed", level = "warning" },
  { "not part of stable configuration", kind = "node was removed", level = "warning" },
  { "snapshot.*nothing new", NOTHING },
  { "snapshot.*no WAL data available", NOTHING },
  { "^failed to take snapshot", kind = "snapshot fails", level = "error" },
  { "^failed to generate .*snapshot", kind = "snapshot fails", level = "error" },
  { "^failed to snapshot due to", kind = "snapshot fails", level = "error" },
  { "^pre%-close snapshot failed", kind = "snapshot fails", level = "error" },
  { "^failed to set full ", kind = "fatal error", level = "error" },
  { "^failed to %a+ snapshot", kind = "node can't be caught up", level = "error" },
  { "^installSnapshot rejected", kind = "node can't be caught up", level = "error" },
  { "^failed to commit logs", kind = "log can't be written", level = "error" },
  { "^failed to append to logs", kind = "log can't be written", level = "error" },
  { "^failed to clear log suffix", kind = "log can't be written", level = "error" },
  { "^failed to persist vote", kind = "log can't be written", level = "error" },
  { "^failed to get l[oa]", kind = "log can't be read", level = "error" },
  { "^failed to join ", kind = "node can't join", level = "warning", lasting = 60 },
  { "^failed to notify all targets", kind = "node can't join", level = "warning", lasting = 60 },
  { "^provider lookup failed", kind = "node can't join", level = "warning", lasting = 60 },
  { "^clustering failure", kind = "fatal error", level = "error" },
  { "^failed to upload to .*context canceled", NOTHING },
  { "^failed to upload to", kind = "backup fails", level = "error" },
  { "^completed auto upload", kind = "backup works again", level = "recovery", ends = { ["backup fails"] = true } },
  { "^failed to auto%-restore", kind = "restore failed", level = "error" },
  { "^failed to download auto%-restore", kind = "restore failed", level = "error" },
  { "^load failed during", kind = "load failed", level = "error" },
  { "^execute queue can't find leader", kind = "queued writes fail", level = "warning", lasting = 30 },
  { "^execute queue write failed", kind = "queued writes fail", level = "warning", lasting = 30 },
  { "exiting process", kind = "fatal error", level = "error" },
  { "Aborting now", kind = "fatal error", level = "error" },
  { "^failed to checkpoint and truncate", kind = "fatal error", level = "error" },
  { "is now Leader$", kind = "has a leader again", level = "recovery", ends = NO_LEADER },
}

local function match(rules, text)
  for _, rule in ipairs(rules) do
    if text:find(rule[1]) then
      if rule[2] then return NOTHING end
      return { kind = rule.kind, level = rule.level, lasting = rule.lasting, ends = rule.ends, working = rule.working, message = text }
    end
  end
end

-- The text of a line of LiteFS in either of its formats, without the node that says it; what follows it has its reason. The
-- levels tell nothing, and what says something else than LiteFS is the app that it runs.
local function litefs(line, message)
  local text = line:match('msg"?[:=]"?(.*)') or line
  local found = match(LITEFS, (text:gsub('\\"', '"')))
  if not found or found == NOTHING then return NOTHING end
  if message ~= "" then found.message = message:gsub("^%x+: ", "") end
  return found
end

-- The text of a line of rqlite, without module and time: "[raft] 2026/01/01 00:00:00 [WARN]  text".
local function rqlite(line)
  local module, text = line:match("^%[([%w-]+)%] %S+ %S+ (.*)")
  if not module then return NOTHING end
  local level = text:match("^%[(%u+)%]")
  text = text:gsub("^%[%u+%]%s+", "")
  local found = match(RQLITE, text)
  if found then return found end
  if module == "rqlited" and text:find("^failed to ") then return { kind = "fatal error", level = "error", message = text } end
  if level == "ERROR" then return { level = "error", lasting = 10, message = text } end
  return NOTHING
end

-- of(CONTAINER, LINE, MESSAGE): the problem that a line tells of; NOTHING for one that tells of none, whatever its level
function Texts.of(container, line, message)
  local found = match(PANIC, line)
  if found then return found end
  if container == "${CONTAINER.litefs}" then return litefs(line, message) end
  if container == "${CONTAINER.rqlite}" then return rqlite(line) end
  local text = message == "" and line or message
  if restored(line, text) then return NOTHING end
  return match(LITESTREAM, text)
end

return Texts
`;
