-- The one generic commit: all checks, then all writes.
-- KEYS  every key read or written; operations name them by index.
-- ARGV  a stream of operations, each a code and a fixed number of arguments.
--   checks (k is an index into KEYS):
--     S k        the event's seen mark must be absent
--     R k stamp  the record must begin with the stamp; '' means it must not exist
--     T k type   the key must be absent or of the type
--     V k ms     the recorded slot must be older
--   writes:
--     O k                          the outbox keys begin at k
--     s k value ms                 set, forgotten after ms
--     p k value                    set
--     i k                          increment
--     a k score member  / z k member   zset add / remove
--     h k field value   / x k field    hash set / delete
--     c k field n                  add to a number of a hash
--     l k value                    append to a list
--     u k from                     copy a zset
--     m k to priority due tag key body   queue a message; k is the receiver's queue
--     f k key to due               queue a failed message again
-- Returns 0 when written; {1, reply} when answered before; {2, key} when a
-- record has changed; {3, key} when a key has the wrong type; {4} when the slot
-- is not newer. Only 0 has written anything.
local i, n = 1, #ARGV
while i <= n do
  local op = ARGV[i]
  local k = KEYS[tonumber(ARGV[i + 1])]
  if op == 'S' then
    local reply = redis.pcall('GET', k)
    if type(reply) == 'table' then return {3, k} end
    if reply then return {1, reply} end
    i = i + 2
  elseif op == 'R' then
    local stamp = ARGV[i + 2]
    if stamp == '' then
      local t = redis.call('TYPE', k)
      t = t.ok or t
      if t ~= 'none' then return {t == 'string' and 2 or 3, k} end
    else
      local have = redis.pcall('GETRANGE', k, 0, #stamp - 1)
      if have ~= stamp then return {type(have) == 'table' and 3 or 2, k} end
    end
    i = i + 3
  elseif op == 'T' then
    local t = redis.call('TYPE', k)
    t = t.ok or t
    if t ~= 'none' and t ~= ARGV[i + 2] then return {3, k} end
    i = i + 3
  elseif op == 'V' then
    local last = redis.pcall('GET', k)
    if type(last) == 'table' then return {3, k} end
    if last and tonumber(last) >= tonumber(ARGV[i + 2]) then return {4} end
    i = i + 3
  else
    break
  end
end
while i <= n do
  local op = ARGV[i]
  local k = KEYS[tonumber(ARGV[i + 1])]
  if op == 's' then
    redis.call('SET', k, ARGV[i + 2], 'PX', ARGV[i + 3])
    i = i + 4
  elseif op == 'p' then
    redis.call('SET', k, ARGV[i + 2])
    i = i + 3
  elseif op == 'i' then
    redis.call('INCR', k)
    i = i + 2
  elseif op == 'a' then
    redis.call('ZADD', k, ARGV[i + 2], ARGV[i + 3])
    i = i + 4
  elseif op == 'z' then
    redis.call('ZREM', k, ARGV[i + 2])
    i = i + 3
  elseif op == 'h' then
    redis.call('HSET', k, ARGV[i + 2], ARGV[i + 3])
    i = i + 4
  elseif op == 'x' then
    redis.call('HDEL', k, ARGV[i + 2])
    i = i + 3
  elseif op == 'c' then
    if redis.call('HINCRBY', k, ARGV[i + 2], ARGV[i + 3]) == 0 then redis.call('HDEL', k, ARGV[i + 2]) end
    i = i + 4
  elseif op == 'l' then
    redis.call('RPUSH', k, ARGV[i + 2])
    i = i + 3
  elseif op == 'u' then
    redis.call('ZUNIONSTORE', k, 1, KEYS[tonumber(ARGV[i + 2])])
    i = i + 3
  elseif op == 'O' then
    base = tonumber(ARGV[i + 1])
    i = i + 2
  elseif op == 'm' then
    enqueue(k, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7])
    i = i + 8
  elseif op == 'f' then
    resend(k, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
    i = i + 5
  else
    return redis.error_reply('CXOP unknown operation ' .. op)
  end
end
return 0
