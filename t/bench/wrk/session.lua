-- Starts and ends sessions. Each thread has 500 customers, and a listener for
-- each. The rate in the response to a start identifies the customer. Arguments:
-- the id and the rate of the first listener.
dofile("out.lua")
local threads, starts, heads, live, n = 0, {}, {}, {}, 0
local first_rate
local started   -- wrk asks thread 0 once before the start and sends nothing
local type_of = "application/json"
function setup(thread)
  thread:set("tid", threads)
  threads = threads + 1
end
function init(args)
  local line_no, tokens = 0, {}
  for line in io.lines(assert(os.getenv("BENCH_TOKENS"))) do
    line_no = line_no + 1
    tokens[line_no] = line
  end
  first_rate = args[2] + tid * 500
  for k = 1, 500 do
    heads[k] = { Authorization = "Bearer " .. tokens[1 + tid * 500 + k],
      ["Content-Type"] = type_of }
    starts[k] = wrk.format("POST", "/sessions/start", heads[k],
      '{"listener_id":' .. args[1] + tid * 500 + k - 1 .. '}')
  end
end
function request()
  if tid == 0 and not started then
    started = true
    return starts[1]
  end
  local s = table.remove(live)
  if s then
    return wrk.format("POST", "/sessions/end", heads[s.who],
      '{"session_id":' .. s.id .. '}')
  end
  n = n % 500 + 1
  return starts[n]
end
function response(status, headers, body)
  if status ~= 201 then return end
  local rate = tonumber(body:match('"rate_per_minute":(%d+)'))
  live[#live + 1] = { who = rate - first_rate + 1,
    id = body:match('"session_id":(%d+)') }
end
