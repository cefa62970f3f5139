-- One page of the failed messages, newest first.
-- KEYS[1] failix (zset)  KEYS[2] failed (hash)
-- ARGV[1] offset  ARGV[2] limit
-- Returns {total, json or false, …}.
local out = {redis.call('ZCARD', KEYS[1])}
local limit = tonumber(ARGV[2])
if limit == 0 then return out end
local from = tonumber(ARGV[1])
for _, key in ipairs(redis.call('ZREVRANGE', KEYS[1], from, from + limit - 1)) do
  out[#out + 1] = redis.call('HGET', KEYS[2], key)
end
return out
