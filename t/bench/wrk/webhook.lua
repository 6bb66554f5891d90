-- Sends signed webhooks, each once. Argument: a file whose lines contain a
-- signature, a space and a body.
dofile("out.lua")
local threads, reqs, n = 0, {}, 0
local started   -- wrk asks thread 0 once before the start and sends nothing
function setup(thread)
  thread:set("tid", threads)
  threads = threads + 1
end
function init(args)
  local k = 0
  for line in io.lines(args[1]) do
    k = k + 1
    if k % 2 == tid then
      local sign, body = line:match("^(%S+) (.*)$")
      reqs[#reqs + 1] = wrk.format("POST", "/payments/webhook/sandbox",
        { ["Content-Type"] = "application/json", ["Earmark-Signature"] = sign },
        body)
    end
  end
end
function request()
  if tid == 0 and not started then
    started = true
    return reqs[1]
  end
  n = n + 1
  -- If all were sent, the request is rejected and counted as bad.
  return reqs[n] or wrk.format("POST", "/payments/webhook/nobody")
end
