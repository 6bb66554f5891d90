-- Checks whether flyers are favorites of users, both chosen in turn. Argument:
-- the number of users.
dofile("common.lua")
local n, h = 0, {}
function init(args)
  h = headers(tonumber(args[1]))
end
function request()
  n = n + 1
  return wrk.format("GET", flyer(walk(n, flyers)), h[n % #h + 1])
end
