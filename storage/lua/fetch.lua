-- Leases downloads that are due.
-- KEYS    as in keys.fetches(): due:0 due:1 jobs held fence
-- ARGV[1] now  ARGV[2] lease in ms  ARGV[3] limit
-- Returns {next due or -1, id, fence, tries, json, …}. A leased download stands
-- in its zset at the end of its lease, so that it comes back by itself when its
-- process dies.
local out, left = {-1}, tonumber(ARGV[3])
for lane = 1, 2 do
  if left > 0 then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[lane], '-inf', ARGV[1], 'LIMIT', 0, left)) do
      local body = redis.call('HGET', KEYS[3], id)
      if body then
        local fence = redis.call('INCR', KEYS[5])
        local held = redis.call('HGET', KEYS[4], id) or '0 0'
        local tries = string.match(held, ' (%d+)$') or '0'
        redis.call('HSET', KEYS[4], id, string.format('%.0f', fence) .. ' ' .. tries)
        redis.call('ZADD', KEYS[lane], string.format('%.0f', tonumber(ARGV[1]) + tonumber(ARGV[2])), id)
        for _, part in ipairs({id, fence, tonumber(tries), body}) do out[#out + 1] = part end
        left = left - 1
      else
        redis.call('ZREM', KEYS[lane], id)
        redis.call('HDEL', KEYS[4], id)
      end
    end
  end
end
for lane = 1, 2 do
  local head = redis.call('ZRANGE', KEYS[lane], 0, 0, 'WITHSCORES')
  if head[2] and (out[1] < 0 or tonumber(head[2]) < out[1]) then out[1] = tonumber(head[2]) end
end
return out
