-- Requests the same path as many users in turn. Arguments: the path, and the
-- number of users.
dofile("common.lua")
local n, path, h = 0, "", {}
function init(args)
  path = args[1]
  h = headers(tonumber(args[2]))
end
function request()
  n = n + 1
  return wrk.format("GET", path, h[walk(n, #h)])
end
