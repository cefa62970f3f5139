-- Writes down what became of leased messages. A result whose lease number is not
-- the receiver's newest is refused: somebody else has the message by now.
-- KEYS[1..17] the outbox, then the queue of each message's receiver
-- ARGV[1] sent, drop, retry or bury  ARGV[2] now
-- ARGV[3] drop: the reason; retry: when; bury: the message's key
-- ARGV[4] bury: json for the failed list
-- ARGV[5…] to, id, fence of each message
-- Returns how many results were refused.
local verb, refused = ARGV[1], 0
local n = 0
for i = 5, #ARGV, 3 do
  n = n + 1
  local q, to, id = KEYS[base + 16 + n], ARGV[i], ARGV[i + 1]
  if redis.call('HGET', KEYS[base + 6], to) ~= ARGV[i + 2] .. ' ' .. id then
    redis.call('HINCRBY', KEYS[base + 12], 'stale', 1)
    refused = refused + 1
  else
    redis.call('HDEL', KEYS[base + 6], to)
    if verb == 'retry' then
      redis.call('HINCRBY', KEYS[base + 9], id, 1)
      redis.call('HSET', KEYS[base + 5], to, ARGV[3])
    else
      redis.call('HDEL', KEYS[base + 5], to)
      if verb == 'drop' then
        redis.call('HINCRBY', KEYS[base + 12], ARGV[3], 1)
      elseif verb == 'bury' then
        redis.call('HSET', KEYS[base + 15], ARGV[3], redis.call('HGET', KEYS[base + 8], id))
        redis.call('HSET', KEYS[base + 13], ARGV[3], ARGV[4])
        redis.call('ZADD', KEYS[base + 14], ARGV[2], ARGV[3])
      end
      forget(q, to, id)
    end
    place(q, to)
  end
end
return refused
