-- Titles that may be alike: those sharing one of the rarest pairs of characters.
-- KEYS[1] the titles (hash id → json)  KEYS[2…] the pairs of the title asked
--         about (zsets of ids)
-- ARGV[1] how many of the rarest pairs to look into  ARGV[2] the most titles
-- Returns {id, json, …}, those sharing most of these pairs first.
local pairs_, grams = tonumber(ARGV[1]), {}
for i = 2, #KEYS do
  grams[#grams + 1] = {KEYS[i], redis.call('ZCARD', KEYS[i])}
end
table.sort(grams, function(a, b)
  if a[2] ~= b[2] then return a[2] < b[2] end
  return a[1] < b[1]
end)
local most, shared, ids = tonumber(ARGV[2]), {}, {}
for i = 1, math.min(pairs_, #grams) do
  for _, id in ipairs(redis.call('ZRANGE', grams[i][1], 0, 20 * most - 1)) do
    if not shared[id] then
      shared[id] = 0
      ids[#ids + 1] = id
    end
    shared[id] = shared[id] + 1
  end
end
table.sort(ids, function(a, b)
  if shared[a] ~= shared[b] then return shared[a] > shared[b] end
  return a < b
end)
local out = {}
for i = 1, math.min(most, #ids) do
  local doc = redis.call('HGET', KEYS[1], ids[i])
  if doc then
    out[#out + 1] = ids[i]
    out[#out + 1] = doc
  end
end
return out
