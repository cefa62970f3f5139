-- A topic by internal id or by 备案编号.
-- KEYS[1] numbers (hash number → id)
-- ARGV[1] either of them  ARGV[2] what precedes an id in a topic's key; topics
--         carry the hash tag of KEYS[1] and live in its slot
-- Returns {id, record or false}.
local id = redis.call('HGET', KEYS[1], ARGV[1]) or ARGV[1]
return {id, redis.call('GET', ARGV[2] .. id)}
