-- What the server at hand calls its things. BENCH_TOKENS is a file of tokens,
-- line n user n's; BENCH_FLYERS how many flyers and destinations are read;
-- BENCH_UUID is set where destinations have UUIDs.
dofile("out.lua")
flyers = tonumber(os.getenv("BENCH_FLYERS"))
local uuid = os.getenv("BENCH_UUID") == "1"

function headers()
  local all = {}
  for line in io.lines(assert(os.getenv("BENCH_TOKENS"))) do
    all[#all + 1] = { Authorization = "Bearer " .. line }
  end
  return all
end

function flyer(n)
  return "/api/flyers/" .. n .. "/favorite/"
end

-- The same UUIDs in gen.py.
function count(n)
  local id = uuid and string.format("018bcfe5-6800-7000-a000-%012x", n) or n
  return "/api/v1/destinations/" .. id .. "/favorites/count"
end

-- Number i of a walk over 1..last that repeats late.
function walk(i, last)
  return (i * 7919) % last + 1
end
