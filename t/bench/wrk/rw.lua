-- Of ten requests, three are lists, three checks, three counts and one a write.
-- The writes save for 500 users, then remove for them. Argument: the flyer.
dofile("common.lua")
local threads, h, f, n, w = 0, headers(), 0, 0, 0
local started   -- wrk asks thread 0 once before the start and sends nothing
function setup(thread)
  thread:set("tid", threads)
  threads = threads + 1
end
function init(args)
  f = args[1]
end
function request()
  if tid == 0 and not started then
    started = true
    return wrk.format("GET", flyer(1), h[1])
  end
  local kind = n % 10
  n = n + 1
  local k = walk(n, flyers)
  local who = h[n % #h + 1]
  if kind < 3 then
    return wrk.format("GET", "/api/v1/users/me/favorites?limit=20&offset=0",
      who)
  elseif kind < 6 then
    return wrk.format("GET", flyer(k), who)
  elseif kind < 9 then
    return wrk.format("GET", count(k))
  end
  w = w % 1000 + 1
  return wrk.format(w <= 500 and "POST" or "DELETE", flyer(f),
    h[2 + tid * 500 + (w - 1) % 500])
end
