/** JSON as receivers take it: valid UTF-8 whatever a log line holds. */
export const jsonModule = String.raw`local Json = {}

-- The bytes that follow a first byte of UTF-8, and the least and most the second one may be.
local function sequence(byte)
  if byte < 0x80 then return 0 end
  if byte >= 0xC2 and byte <= 0xDF then return 1, 0x80, 0xBF end
  if byte == 0xE0 then return 2, 0xA0, 0xBF end
  if byte == 0xED then return 2, 0x80, 0x9F end
  if byte >= 0xE1 and byte <= 0xEF then return 2, 0x80, 0xBF end
  if byte == 0xF0 then return 3, 0x90, 0xBF end
  if byte >= 0xF1 and byte <= 0xF3 then return 3, 0x80, 0xBF end
  if byte == 0xF4 then return 3, 0x80, 0x8F end
end

-- clean(TEXT): "?" for what isn't UTF-8, a blank for control characters but line breaks, nothing for a terminal's colours
function Json.clean(text)
  text = text:gsub("\27%[[%d;]*%a", ""):gsub("[%z\1-\9\11-\31\127]", " ")
  if not text:find("[\128-\255]") then return text end
  local parts, at, start = {}, 1, 1
  while at <= #text do
    local more, least, most = sequence(text:byte(at))
    local whole = more ~= nil
    for offset = 1, more or 0 do
      local byte = text:byte(at + offset)
      if not byte or byte < (offset == 1 and least or 0x80) or byte > (offset == 1 and most or 0xBF) then whole = false end
    end
    if whole then
      at = at + more + 1
    else
      parts[#parts + 1] = text:sub(start, at - 1) .. "?"
      at = at + 1
      start = at
    end
  end
  parts[#parts + 1] = text:sub(start)
  return table.concat(parts)
end

-- cut(TEXT, LENGTH): its first LENGTH bytes, but no half character
function Json.cut(text, length)
  if #text <= length then return text end
  while length > 0 and text:byte(length + 1) >= 0x80 and text:byte(length + 1) <= 0xBF do length = length - 1 end
  return text:sub(1, length) .. "…"
end

local ESCAPE = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

local function text(value) return '"' .. Json.clean(value):gsub('["\\\n]', ESCAPE) .. '"' end

-- encode(VALUE): a text, a number, a flag, a list, or an object as a list of { name, value }
function Json.encode(value)
  if type(value) == "number" then return ("%.14g"):format(value) end
  if type(value) == "boolean" then return tostring(value) end
  if type(value) ~= "table" then return text(tostring(value)) end
  local parts = {}
  if value.object then
    for _, pair in ipairs(value.object) do parts[#parts + 1] = text(pair[1]) .. ":" .. Json.encode(pair[2]) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  for _, item in ipairs(value) do parts[#parts + 1] = Json.encode(item) end
  return "[" .. table.concat(parts, ",") .. "]"
end

-- object{ { name, value }, … }
function Json.object(pairs_) return { object = pairs_ } end

return Json
`;
