-- Checks whether flyers are favorites of users, both chosen in turn.
dofile("common.lua")
local n, h = 0, headers()
function request()
  n = n + 1
  return wrk.format("GET", flyer(walk(n, flyers)), h[n % #h + 1])
end
