-- Is this flyer a favorite of the caller? Any user, any flyer.
dofile("common.lua")
local n, h = 0, headers()
function request()
  n = n + 1
  return wrk.format("GET", flyer(walk(n, flyers)), h[n % #h + 1])
end
