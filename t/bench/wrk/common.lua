-- Names of the measured server. BENCH_TOKENS is a file whose line n is the token
-- of user n. BENCH_FLYERS is the number of flyers and destinations to read.
-- BENCH_UUID is set if destinations have UUIDs.
dofile("out.lua")
flyers = tonumber(os.getenv("BENCH_FLYERS"))
local uuid = os.getenv("BENCH_UUID") == "1"

-- Returns the header of user i at index i, for the first `last` users (1001 if
-- nil).
function headers(last)
  local all = {}
  for line in io.lines(assert(os.getenv("BENCH_TOKENS"))) do
    if #all == (last or 1001) then break end
    all[#all + 1] = { Authorization = "Bearer " .. line }
  end
  return all
end

function flyer(n)
  return "/api/flyers/" .. n .. "/favorite/"
end

-- gen.py computes the same UUIDs.
function count(n)
  local id = uuid and string.format("018bcfe5-6800-7000-a000-%012x", n) or n
  return "/api/v1/destinations/" .. id .. "/favorites/count"
end

-- Returns item i of a sequence over 1..last that repeats late.
function walk(i, last)
  return (i * 7919) % last + 1
end
