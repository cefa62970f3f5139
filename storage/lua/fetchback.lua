-- Gives a leased download back for a later moment, unless somebody else has
-- leased it since or it has ended.
-- KEYS    as in keys.fetches(): due:0 due:1 jobs held fence
-- ARGV[1] id  ARGV[2] fence  ARGV[3] when
-- Returns how many results were refused.
local fence, tries = string.match(redis.call('HGET', KEYS[4], ARGV[1]) or '', '^(%d+) (%d+)$')
if fence ~= ARGV[2] then return 1 end
redis.call('HSET', KEYS[4], ARGV[1], fence .. ' ' .. string.format('%.0f', tonumber(tries) + 1))
for lane = 1, 2 do
  if redis.call('ZSCORE', KEYS[lane], ARGV[1]) then redis.call('ZADD', KEYS[lane], ARGV[3], ARGV[1]) end
end
return 0
