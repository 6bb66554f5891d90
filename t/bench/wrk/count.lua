-- Requests the public count of favorites of destinations.
dofile("common.lua")
local n = 0
function request()
  n = n + 1
  return wrk.format("GET", count(walk(n, flyers)))
end
