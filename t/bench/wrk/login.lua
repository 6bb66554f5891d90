-- Signs in many users with right passwords. Arguments: the password, the number
-- of users.
dofile("out.lua")
local n, users, word = 0, 0, ""
function init(args)
  word, users = args[1], tonumber(args[2])
end
function request()
  n = n % users + 1
  return wrk.format("POST", "/auth/login",
    { ["Content-Type"] = "application/json" },
    '{"identifier":"user' .. n .. '","password":"' .. word .. '"}')
end
