-- Sends all requests of the favorites pool, and many that it rejects. Arguments:
-- a file of tokens, the lowest id, the number of flyers.
local reqs, n = {}, 0
local id = 0
function setup(thread)
  thread:set("tid", id)
  id = id + 1
end

local function add(method, path, token, body)
  local h = { Authorization = token and "Bearer " .. token }
  if body then h["Content-Type"] = "application/json" end
  reqs[#reqs + 1] = wrk.format(method, path, h, body)
end

-- All users send the first request, then all users the second, and so on. The
-- caches of users in the worker are full after the first round.
function init(args)
  local people, first, things = {}, tonumber(args[2]), tonumber(args[3])
  local n = 0
  for line in io.lines(args[1]) do
    n = n + 1
    if n % 2 == tid then
      local id = first + n % things
      people[#people + 1] = {
        token = line,
        flyer = "/api/flyers/" .. id .. "/favorite/",
        place = string.format("018bcfe5-6800-7000-a003-%012x", id),
        style = string.format("018bcfe5-6800-7000-a004-%012x", id),
      }
    end
  end
  local d, e = "/api/v1/users/me/favorites", "/api/user-favorites"
  for _, do_it in ipairs({
    function(p) add("GET", d .. "?limit=100", p.token) end,
    function(p) add("GET", "/api/users/me/favorites/", p.token) end,
    function(p) add("POST", p.flyer, p.token) end,
    function(p) add("POST", d, p.token,
      '{"destination_id":"' .. p.place .. '"}') end,
    function(p) add("POST", e .. "/toggle", p.token,
      '{"entity_id":"' .. p.style .. '","entity_type":"style"}') end,
    function(p) add("GET", "/customer/favorites?per_page=100", p.token) end,
    function(p) add("GET", e .. "?limit=100", p.token) end,
    function(p) add("GET", p.flyer, p.token) end,
    function(p) add("GET", "/api/v1/destinations/" .. p.place ..
      "/favorites/count") end,
    function(p) add("GET", "/api/v1/me/changes", p.token) end,
    function(p) add("DELETE", p.flyer, p.token) end,
    function(p) add("DELETE", p.flyer, p.token) end,
    function(p) add("POST", "/api/flyers/999999999/favorite/", p.token) end,
    function(p) add("POST", d, p.token, '{"destination_id":') end,
    function(p) add("POST", d, p.token, '{"destination_id":7}') end,
    function(p) add("GET", d .. "?limit=x", p.token) end,
    function(p) add("GET", p.flyer, p.token .. "x") end,
    function(p) add("PATCH", p.flyer, p.token) end,
  }) do
    for _, p in ipairs(people) do do_it(p) end
  end
end

function request()
  n = n % #reqs + 1
  return reqs[n]
end
