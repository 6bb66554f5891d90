-- The open count of a destination's favorites.
dofile("common.lua")
local n = 0
function request()
  n = n + 1
  return wrk.format("GET", count(walk(n, flyers)))
end
