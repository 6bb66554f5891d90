dofile("out.lua")
