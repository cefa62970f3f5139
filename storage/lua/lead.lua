-- Takes, renews or gives up the leader's lease.
-- KEYS[1] lease (hash who, until, fence)
-- ARGV[1] who  ARGV[2] now  ARGV[3] until when, 0 to give it up
-- Returns {1, fence} when ARGV[1] holds it now, else {0, fence of the holder}.
local who = redis.call('HGET', KEYS[1], 'who')
local till = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
local fence = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local held = till > tonumber(ARGV[2])
if ARGV[3] == '0' then
  if who == ARGV[1] then redis.call('HSET', KEYS[1], 'until', '0') end
  return {0, fence}
end
if held and who ~= ARGV[1] then return {0, fence} end
if not held then fence = redis.call('HINCRBY', KEYS[1], 'fence', 1) end
redis.call('HSET', KEYS[1], 'who', ARGV[1], 'until', ARGV[3])
return {1, fence}
