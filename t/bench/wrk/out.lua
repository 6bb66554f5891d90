-- Prints the results of a run as one line at the end of each script. Times are
-- in microseconds.
function done(s, l, r)
  local e = s.errors
  io.write(string.format('RESULT {"rps":%.1f,"n":%d,"p50":%d,"p90":%d,' ..
    '"p99":%d,"p999":%d,"max":%d,"err":%d,"bad":%d,"timeout":%d}\n',
    s.requests / (s.duration / 1e6), s.requests, l:percentile(50),
    l:percentile(90), l:percentile(99), l:percentile(99.9), l.max,
    e.connect + e.read + e.write, e.status, e.timeout))
end
