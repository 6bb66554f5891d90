-- One page over and over: argument 1 is the path, 2 the number of the user,
-- 3 an entity tag that the client has already.
dofile("common.lua")
function init(args)
  wrk.path = args[1]
  wrk.headers["Authorization"] = headers()[tonumber(args[2])].Authorization
  if args[3] then wrk.headers["If-None-Match"] = args[3] end
end
