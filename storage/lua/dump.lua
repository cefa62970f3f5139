-- Reads a whole county in one go, so that the copy is of one moment.
-- ARGV[1] the county's prefix  ARGV[2] a prefix to leave out
-- Returns {key, type, ms to live or -1, content, …}; content is a text or a flat
-- list. Everything has the county's hash tag and lives in one slot; KEYS[1] only
-- says which.
local out, seen, cursor = {}, {}, '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. '*', 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if not seen[key] and string.sub(key, 1, #ARGV[2]) ~= ARGV[2] then
      seen[key] = true
      local t = redis.call('TYPE', key)
      t = t.ok or t
      local content = ''
      if t == 'string' then content = redis.call('GET', key)
      elseif t == 'hash' then content = redis.call('HGETALL', key)
      elseif t == 'list' then content = redis.call('LRANGE', key, 0, -1)
      elseif t == 'set' then content = redis.call('SMEMBERS', key)
      elseif t == 'zset' then content = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
      else return redis.error_reply('CXDUMP a key of type ' .. t .. ' is not ours: ' .. key) end
      out[#out + 1] = key
      out[#out + 1] = t
      out[#out + 1] = redis.call('PTTL', key)
      out[#out + 1] = content
    end
  end
until cursor == '0'
return out
