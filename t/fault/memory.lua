-- Everything that the favorites pool does, and much that it refuses. Arguments:
-- a file of tokens, the first id, how many things there are.
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

function init(args)
  local tokens, first, things = {}, tonumber(args[2]), tonumber(args[3])
  for line in io.lines(args[1]) do tokens[#tokens + 1] = line end
  for i, t in ipairs(tokens) do
    if i % 2 == tid then
      local thing = first + i % things
      local flyer = "/api/flyers/" .. thing .. "/favorite/"
      local place = string.format("018bcfe5-6800-7000-a003-%012x", thing)
      local style = string.format("018bcfe5-6800-7000-a004-%012x", thing)
      add("GET", "/api/v1/users/me/favorites?limit=100", t)
      add("GET", "/api/users/me/favorites/", t)
      add("GET", "/customer/favorites?per_page=100", t)
      add("GET", "/api/user-favorites?limit=100", t)
      add("POST", flyer, t)
      add("GET", flyer, t)
      add("POST", "/api/v1/users/me/favorites", t,
        '{"destination_id":"' .. place .. '"}')
      add("GET", "/api/v1/destinations/" .. place .. "/favorites/count")
      add("POST", "/api/user-favorites/toggle", t,
        '{"entity_id":"' .. style .. '","entity_type":"style"}')
      add("GET", "/api/v1/me/changes", t)
      add("DELETE", flyer, t)
      add("DELETE", flyer, t)
      add("POST", "/api/flyers/999999999/favorite/", t)
      add("POST", "/api/v1/users/me/favorites", t, '{"destination_id":')
      add("POST", "/api/v1/users/me/favorites", t, '{"destination_id":7}')
      add("GET", "/api/v1/users/me/favorites?limit=x", t)
      add("GET", flyer, t .. "x")
      add("PATCH", flyer, t)
    end
  end
end

function request()
  n = n % #reqs + 1
  return reqs[n]
end
