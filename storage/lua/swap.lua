-- Puts a restored county in the place of the present one.
-- KEYS    first the staged keys, then the keys they become, then those to delete
-- ARGV[1] how many are staged  ARGV[2] '1' when a county may be overwritten
-- Returns 0, or the first key in the way when nothing may be overwritten.
local n = tonumber(ARGV[1])
for i = 1, n do
  if redis.call('EXISTS', KEYS[i]) == 0 then return redis.error_reply('CXSWAP a staged key is gone') end
  if ARGV[2] ~= '1' and redis.call('EXISTS', KEYS[n + i]) == 1 then return KEYS[n + i] end
end
for i = 2 * n + 1, #KEYS do redis.call('DEL', KEYS[i]) end
for i = 1, n do redis.call('RENAME', KEYS[i], KEYS[n + i]) end
return 0
