/** One message as each kind of receiver takes it: a body, and the headers that go with it. */
export const receiversModule = String.raw`local Json = require "json"

local Receivers = {}

local SIGN = { error = "rotating_light", warning = "warning", recovery = "white_check_mark" }
local EMOJI = { error = "🚨", warning = "⚠️", recovery = "✅" }
local JSON = { ["Content-Type"] = "application/json" }

function Receivers.webhook(message)
  return Json.encode(Json.object(message.fields)), JSON
end

function Receivers.gotify(message)
  local priority = { error = 8, warning = 5, recovery = 4 }
  return Json.encode(Json.object{
    { "title", message.title },
    { "message", message.text .. "\n" .. message.command },
    { "priority", priority[message.level] },
  }), JSON
end

function Receivers.ntfy(message)
  local priority = { error = "high", warning = "default", recovery = "low" }
  return Json.clean(message.text .. "\n" .. message.command), {
    ["Content-Type"] = "text/plain; charset=utf-8",
    -- It ends with its line, and other characters mean something else to some servers.
    ["Title"] = (message.title:gsub("[^\32-\126]+", "?")),
    ["Priority"] = priority[message.level],
    ["Tags"] = SIGN[message.level],
  }
end

function Receivers.slack(message)
  local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }
  -- Mattermost calls whoever a log line names, unless a blank without width is in between.
  local function plain(text) return (text:gsub("[&<>]", entities):gsub("%f[%w@]@", "@\226\128\139")) end
  local text = ":%s: *%s*\n%s\n${"`%s`"}"
  return Json.encode(Json.object{
    { "text", text:format(SIGN[message.level], plain(message.title), plain(message.text), plain(message.command)) },
  }), JSON
end

function Receivers.discord(message)
  -- It refuses more than 2,000 characters.
  local function plain(text, length) return Json.cut(text:gsub("[\\*_~|>#%[${"`"}]", "\\%0"), length) end
  local text = ("%s **%s**\n%s\n%s\n${"`%s`"}"):format(
    EMOJI[message.level], plain(message.title, 300), plain(message.what, 900), message.when, Json.cut(message.command, 500))
  return Json.encode(Json.object{
    { "content", text },
    -- Nobody is called by what a log line says.
    { "allowed_mentions", Json.object{ { "parse", {} } } },
  }), JSON
end

function Receivers.teams(message)
  local function block(text, more)
    local fields = { { "type", "TextBlock" }, { "text", text } }
    for _, pair in ipairs(more) do fields[#fields + 1] = pair end
    return Json.object(fields)
  end
  -- A log line makes no links.
  local function plain(text) return (text:gsub("%]%(", "] (")) end
  local wrapped = { "wrap", true }
  local blocks = { block(EMOJI[message.level] .. " " .. plain(message.title), { { "weight", "bolder" }, wrapped }) }
  for line in message.text:gmatch("[^\n]+") do blocks[#blocks + 1] = block(plain(line), { wrapped }) end
  blocks[#blocks + 1] = block(message.command, { { "fontType", "monospace" }, wrapped })
  return Json.encode(Json.object{
    { "type", "message" },
    { "attachments", {
      Json.object{
        { "contentType", "application/vnd.microsoft.card.adaptive" },
        { "content", Json.object{
          { "type", "AdaptiveCard" },
          { "version", "1.4" },
          { "body", blocks },
        } },
      },
    } },
  }), JSON
end

return Receivers
`;
