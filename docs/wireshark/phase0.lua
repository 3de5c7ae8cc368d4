-- Dissector of the Phase 0 protocol for Wireshark and tshark: frames with JSON, and the raw reply ACK.
-- Copy it to the personal Lua plugin folder (Help > About Wireshark > Folders), or run
--   tshark -X lua_script:phase0.lua -r export.pcapng -Y phase0
-- A connection is recognized by its first frame, whatever its port; "Decode As" works for others.

local phase0 = Proto("phase0", "Phase 0 device protocol")

local HEADER_BYTES = 7
local MAX_PAYLOAD_BYTES = 65536

local fields = {
  magic = ProtoField.uint16("phase0.magic", "Magic", base.HEX),
  version = ProtoField.uint8("phase0.version", "Version"),
  length = ProtoField.uint32("phase0.length", "Payload length"),
  payload = ProtoField.string("phase0.payload", "Payload", base.UNICODE),
  opcode = ProtoField.string("phase0.opcode", "Opcode", base.UNICODE),
  device_id = ProtoField.string("phase0.device_id", "Device id", base.UNICODE),
  msg_id = ProtoField.string("phase0.msg_id", "Message id", base.UNICODE),
  state = ProtoField.bool("phase0.state", "State"),
  error = ProtoField.string("phase0.error", "Error", base.UNICODE),
  raw = ProtoField.string("phase0.raw", "Raw reply"),
}
phase0.fields = fields

local bad = ProtoExpert.new("phase0.bad", "Not a valid frame", expert.group.MALFORMED, expert.severity.ERROR)
phase0.experts = { bad }

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(
    0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

-- The JSON string that begins at `at`, and where the text goes on; nil if it breaks off.
local function read_string(text, at)
  local parts = {}
  at = at + 1
  while at <= #text do
    local stop = text:find('["\\]', at)
    if not stop then return nil end
    parts[#parts + 1] = text:sub(at, stop - 1)
    if text:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local escape = text:sub(stop + 1, stop + 1)
    at = stop + 2
    if escape == "u" then
      local code = tonumber(text:sub(at, at + 3), 16)
      if not code then return nil end
      at = at + 4
      local low = text:match("^\\u([dD][c-fC-F]%x%x)", at)
      if code >= 0xD800 and code < 0xDC00 and low then
        code = 0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00
        at = at + 6
      end
      parts[#parts + 1] = utf8(code)
    else
      parts[#parts + 1] = ESCAPES[escape] or escape
    end
  end
  return nil
end

-- Calls `visit` with key, value, and first and last index of each string or boolean of the outermost object.
local function each_member(text, visit)
  local depth, at, key = 0, 1, nil
  while at <= #text do
    local character = text:sub(at, at)
    if character == '"' then
      local value, after = read_string(text, at)
      if not value then return end
      if depth == 1 then
        if text:match("^%s*:", after) and not key then
          key = value
        elseif key then
          visit(key, value, at, after - 1)
        end
      end
      at = after
    else
      if character == "{" or character == "[" then depth = depth + 1 end
      if character == "}" or character == "]" then depth = depth - 1 end
      if character == "," and depth == 1 then key = nil end
      local word = depth == 1 and key and (text:match("^true", at) or text:match("^false", at))
      if word then
        visit(key, word == "true", at, at + #word - 1)
        at = at + #word
      else
        at = at + 1
      end
    end
  end
end

local TYPES = { opcode = "string", device_id = "string", msg_id = "string", state = "boolean", error = "string" }

local function add_payload(range, tree, pinfo)
  tree:add(fields.payload, range)
  local text = range:raw()
  local info = {}
  each_member(text, function(key, value, first, last)
    if TYPES[key] ~= type(value) then return end
    tree:add(fields[key], range(first - 1, last - first + 1), value)
    info[key] = value
  end)
  local state = info.state == nil and "" or (info.state and " on" or " off")
  pinfo.cols.info = string.format("%s%s %s %s", info.opcode or "?", state, info.device_id or "", info.msg_id or "")
end

local function add_bad(tvb, tree, why)
  tree:add(fields.raw, tvb())
  tree:add_proto_expert_info(bad, why)
end

local function dissect_frame(tvb, pinfo, root)
  pinfo.cols.protocol = "Phase0"
  local tree = root:add(phase0, tvb())
  if tvb(0, 2):uint() ~= 0xF00D then
    add_bad(tvb, tree, "a frame begins with f0 0d")
    return tvb:len()
  end
  tree:add(fields.magic, tvb(0, 2))
  tree:add(fields.version, tvb(2, 1))
  if tvb(2, 1):uint() ~= 1 then
    tree:add_proto_expert_info(bad, "only version 1 is known")
    return tvb:len()
  end
  tree:add(fields.length, tvb(3, 4))
  if tvb(3, 4):uint() > MAX_PAYLOAD_BYTES then
    tree:add_proto_expert_info(bad, "a payload has at most 65536 bytes")
    return tvb:len()
  end
  if tvb:len() > HEADER_BYTES then add_payload(tvb(HEADER_BYTES), tree, pinfo) end
  return tvb:len()
end

-- How long the frame is that begins at `offset`; what is not one goes up to the end.
local function frame_length(tvb, _, offset)
  local is_frame = tvb(offset, 2):uint() == 0xF00D and tvb(offset + 2, 1):uint() == 1
  local length = tvb(offset + 3, 4):uint()
  if not is_frame or length > MAX_PAYLOAD_BYTES then return tvb:len() - offset end
  return HEADER_BYTES + length
end

local function is_ack(tvb)
  return tvb:raw():match("^ACK[\r\n%z ]*$") ~= nil
end

-- `A` or `AC`: the rest may come in a packet of its own.
local function may_become_ack(tvb)
  return tvb:len() < 3 and tvb:raw() == ("ACK"):sub(1, tvb:len())
end

function phase0.dissector(tvb, pinfo, root)
  if tvb:len() == 0 then return 0 end
  if may_become_ack(tvb) and pinfo.can_desegment > 0 then
    pinfo.desegment_offset = 0
    pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
    return tvb:len()
  end
  if is_ack(tvb) then
    pinfo.cols.protocol = "Phase0"
    pinfo.cols.info = "ACK"
    root:add(phase0, tvb()):add(fields.raw, tvb())
    return tvb:len()
  end
  if tvb(0, 1):uint() ~= 0xF0 then
    pinfo.cols.protocol = "Phase0"
    pinfo.cols.info = "not a reply of a device"
    add_bad(tvb, root:add(phase0, tvb()), "neither a frame nor ACK")
    return tvb:len()
  end
  dissect_tcp_pdus(tvb, root, HEADER_BYTES, frame_length, dissect_frame)
  return tvb:len()
end

-- A connection is recognized by the first frame that it carries.
local function recognize(tvb, pinfo, root)
  if tvb:len() < 3 or tvb(0, 3):uint() ~= 0xF00D01 then return false end
  pinfo.conversation = phase0
  phase0.dissector(tvb, pinfo, root)
  return true
end

phase0:register_heuristic("tcp", recognize)
DissectorTable.get("tcp.port"):add_for_decode_as(phase0)
