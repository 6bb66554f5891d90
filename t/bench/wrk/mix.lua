-- Each thread saves a flyer for 500 users, then removes it for all of them, so
-- that no favorite has two requests at once. Argument: the flyer.
dofile("common.lua")
local threads, reqs, n = 0, {}, 0
local started   -- wrk asks thread 0 once before the start and sends nothing
function setup(thread)
  thread:set("tid", threads)
  threads = threads + 1
end
function init(args)
  local h = headers()
  for _, method in ipairs({ "POST", "DELETE" }) do
    for user = 2 + tid * 500, 501 + tid * 500 do
      reqs[#reqs + 1] = wrk.format(method, flyer(args[1]), h[user])
    end
  end
end
function request()
  if tid == 0 and not started then
    started = true
    return reqs[1]
  end
  n = n % #reqs + 1
  return reqs[n]
end
