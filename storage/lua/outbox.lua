-- Shared by commit.lua and the queue scripts. Keys of the outbox stand at
-- KEYS[base] … in the order of keys.outbox():
--   +0..3 due:p  +4 lane  +5 hold  +6 lease  +7 seq  +8 msgs  +9 tries
--   +10 replace  +11 taken  +12 tally  +13 failed  +14 failix  +15 dead  +16 fence
-- A body is "priority limits latest␞fact␞value␞tag␞json" without the blanks
-- (outbox.go), ␞ being byte 30.
-- A message id is 15 digits of serial and one digit of priority. A receiver
-- stands in exactly one due zset: that of the best priority among its first
-- sixteen messages, at the moment its first message may be claimed.
local base = 1

-- place puts a receiver where it belongs after any change of its queue.
local function place(q, to)
  local head = redis.call('ZRANGE', q, 0, 15, 'WITHSCORES')
  local old = redis.call('HGET', KEYS[base + 4], to)
  if #head == 0 then
    if old then
      redis.call('ZREM', KEYS[base + old], to)
      redis.call('HDEL', KEYS[base + 4], to)
    end
    return
  end
  local best = 3
  for i = 1, #head, 2 do
    local p = tonumber(string.sub(head[i], 16))
    if p < best then best = p end
  end
  local at = tonumber(head[2])
  local hold = tonumber(redis.call('HGET', KEYS[base + 5], to) or '0')
  if hold > at then at = hold end
  if old ~= tostring(best) then
    if old then redis.call('ZREM', KEYS[base + old], to) end
    redis.call('HSET', KEYS[base + 4], to, best)
  end
  redis.call('ZADD', KEYS[base + best], string.format('%.0f', at), to)
end

-- forget removes a queued message and what points to it.
local function forget(q, to, id)
  local body = redis.call('HGET', KEYS[base + 8], id)
  if body then
    local tag = string.match(body, '^[^\30]*\30[^\30]*\30[^\30]*\30([^\30]*)\30')
    if tag and tag ~= '' then
      local field = to .. '\31' .. tag
      if redis.call('HGET', KEYS[base + 10], field) == id then redis.call('HDEL', KEYS[base + 10], field) end
    end
    redis.call('HDEL', KEYS[base + 8], id)
  end
  redis.call('HDEL', KEYS[base + 9], id)
  return redis.call('ZREM', q, id)
end

-- append queues a body under a fresh id.
local function append(q, to, priority, due, body)
  local id = string.format('%015.0f', redis.call('INCR', KEYS[base + 7])) .. priority
  redis.call('HSET', KEYS[base + 8], id, body)
  redis.call('ZADD', q, due, id)
  return id
end

-- enqueue takes a key once for ever. A message with a tag pushes out the queued
-- one with the same tag, unless that is being sent at this moment.
local function enqueue(q, to, priority, due, tag, key, body)
  if redis.call('SADD', KEYS[base + 11], key) == 0 then
    redis.call('HINCRBY', KEYS[base + 12], 'repeated', 1)
    return
  end
  local field = to .. '\31' .. tag
  if tag ~= '' then
    local old = redis.call('HGET', KEYS[base + 10], field)
    local lease = redis.call('HGET', KEYS[base + 6], to)
    if old and not (lease and string.sub(lease, -16) == old) then
      if forget(q, to, old) == 1 then redis.call('HINCRBY', KEYS[base + 12], 'replaced', 1) end
    end
  end
  local id = append(q, to, priority, due, body)
  if tag ~= '' then redis.call('HSET', KEYS[base + 10], field, id) end
  place(q, to)
end

-- resend queues a failed message again under a new id.
local function resend(q, key, to, due)
  local body = redis.call('HGET', KEYS[base + 15], key)
  if not body then return end
  redis.call('HDEL', KEYS[base + 15], key)
  redis.call('HDEL', KEYS[base + 13], key)
  redis.call('ZREM', KEYS[base + 14], key)
  append(q, to, string.sub(body, 1, 1), due, body)
  place(q, to)
end
