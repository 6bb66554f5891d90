-- Requests one page repeatedly. Arguments: the path, the number of the user, and
-- optionally an entity tag that the client already has.
dofile("common.lua")
function init(args)
  wrk.path = args[1]
  wrk.headers["Authorization"] = headers()[tonumber(args[2])].Authorization
  if args[3] then wrk.headers["If-None-Match"] = args[3] end
end
