-- Leases messages that are due, at most one per receiver, best priority first.
-- KEYS[1..17] the outbox  KEYS[18] facts  KEYS[19] busy
-- ARGV[1] now  ARGV[2] lease  ARGV[3] how many at most  ARGV[4], ARGV[5] what
--   precedes a receiver in the keys of its queue and of its sending times; both
--   carry the county's hash tag and so live in the slot of KEYS
-- ARGV[6] a member's messages a minute  ARGV[7] an hour  ARGV[8] a group's a minute
-- ARGV[9] how long a reminder leaves somebody in peace who answered a question
-- All times are milliseconds. Returns {next, to, id, fence, tries, body, …}; next
-- is when something may be claimed again, -1 for never.
local now, lease, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local minute, hour = 60000, 3600000
local out = {-1}
local budget = 1000 -- bounds the suppressed messages of one run

local function number(x) return string.format('%.0f', x) end

-- within returns when the n-th last message leaves a window, 0 when it has.
local function within(log, n, window)
  local at = tonumber(redis.call('LINDEX', log, n - 1) or '0')
  if at > now - window then return at + window end
  return 0
end

-- free returns when the receiver may be written to again, 0 for now. Times in
-- the future mean that the clock was set back: they say nothing any more.
local function free(log, kind)
  if kind == 'u' then return 0 end
  if tonumber(redis.call('LINDEX', log, 0) or '0') > now + minute then redis.call('DEL', log) end
  if kind == 'g' then return within(log, tonumber(ARGV[8]), minute) end
  return math.max(within(log, tonumber(ARGV[6]), minute), within(log, tonumber(ARGV[7]), hour))
end

-- held returns until when a message leaves its receiver in peace, 0 for now: while
-- they are answering a question, and never beyond its latest moment. A busy time
-- further off than anybody is kept means that the clock was set back.
local function held(to, latest)
  if latest == '' or tonumber(latest) <= now then return 0 end
  local busy = tonumber(redis.call('HGET', KEYS[19], to) or '0')
  if busy > now + tonumber(ARGV[9]) then return 0 end
  return math.min(busy, tonumber(latest))
end

-- pick chooses the message: the first in order, or the first of the best
-- priority once half of a minute's allowance is used and limits are about to bind.
local function pick(q, log)
  local first = redis.call('ZRANGEBYSCORE', q, '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
  if not first or within(log, math.floor(tonumber(ARGV[6]) / 2), minute) == 0 then return first end
  local best = first
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', q, '-inf', ARGV[1], 'LIMIT', 0, 64)) do
    if string.sub(id, 16) < string.sub(best, 16) then best = id end
  end
  return best
end

-- split cuts a text at the separator of facts.
local function split(text)
  local parts = {}
  for part in string.gmatch(text .. '\31', '([^\31]*)\31') do parts[#parts + 1] = part end
  return parts
end

-- obsolete tells why a message is not to be sent any more: the first fact holds,
-- or one of the others is there and has another value. nil: it is.
local function obsolete(fact, value)
  if fact == '' then return nil end
  local facts, values = split(fact), split(value)
  if facts[1] ~= '' and redis.call('HGET', KEYS[18], facts[1]) == values[1] then return 'done meanwhile' end
  for i = 2, #facts do
    local have = redis.call('HGET', KEYS[18], facts[i])
    if have and have ~= values[i] then return 'outdated' end
  end
  return nil
end

local function serve(to)
  local q, log = ARGV[4] .. to, ARGV[5] .. to
  if tonumber(redis.call('HGET', KEYS[base + 5], to) or '0') > now then return place(q, to) end
  while budget > 0 do
    local id = pick(q, log)
    if not id then return place(q, to) end
    local body = redis.call('HGET', KEYS[base + 8], id)
    local kind, latest, fact, value = string.match(body or '', '^%d(%a)(%d*)\30([^\30]*)\30([^\30]*)\30')
    local why, till = 'unreadable', 0
    if kind then why, till = obsolete(fact, value), held(to, latest) end
    if why then
      forget(q, to, id)
      redis.call('HINCRBY', KEYS[base + 12], why, 1)
      budget = budget - 1
    elseif till > now then
      redis.call('ZADD', q, number(till), id)
      budget = budget - 1
    else
      local at = free(log, kind)
      if at > now then
        redis.call('HSET', KEYS[base + 5], to, number(at))
        return place(q, to)
      end
      local fence = redis.call('INCR', KEYS[base + 16])
      redis.call('HSET', KEYS[base + 6], to, number(fence) .. ' ' .. id)
      redis.call('HSET', KEYS[base + 5], to, number(now + lease))
      if kind ~= 'u' then
        redis.call('LPUSH', log, ARGV[1])
        redis.call('LTRIM', log, 0, tonumber(ARGV[7]) - 1)
        redis.call('PEXPIRE', log, 2 * hour)
      end
      out[#out + 1] = to
      out[#out + 1] = id
      out[#out + 1] = fence
      out[#out + 1] = tonumber(redis.call('HGET', KEYS[base + 9], id) or '0')
      out[#out + 1] = body
      limit = limit - 1
      return place(q, to)
    end
  end
end

for p = 0, 3 do
  while limit > 0 and budget > 0 do
    local due = redis.call('ZRANGEBYSCORE', KEYS[base + p], '-inf', ARGV[1], 'LIMIT', 0, limit)
    if #due == 0 then break end
    for _, to in ipairs(due) do serve(to) end
  end
end
for p = 0, 3 do
  local head = redis.call('ZRANGE', KEYS[base + p], 0, 0, 'WITHSCORES')
  if head[2] and (out[1] < 0 or tonumber(head[2]) < out[1]) then out[1] = tonumber(head[2]) end
end
return out
