-- One page of an index with its records.
-- KEYS[1] the index (zset)
-- ARGV[1] what precedes a member in its record's key; the records carry the
--         index's hash tag, so they live in the same slot
-- ARGV[2] offset  ARGV[3] limit
-- Returns {total, id, record or false, …}.
local out = {redis.call('ZCARD', KEYS[1])}
local limit = tonumber(ARGV[3])
if limit == 0 then return out end
local from = tonumber(ARGV[2])
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], from, from + limit - 1)) do
  out[#out + 1] = id
  out[#out + 1] = redis.call('GET', ARGV[1] .. id)
end
return out
