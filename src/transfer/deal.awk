function done(one) { if (close(one) != 0) failed = 1 }
BEGIN { load = ENVIRON["load"]; client = load; first = 1 }
first { first = 0; if (/^\/\*.*999999\\- enable the sandbox mode \*\//) next }
part == 0 && $0 == "-- swapctl: data" { done(client); if (failed) exit; part = 1; first = 1; next }
part == 1 && $0 == "-- swapctl: rest" {
  for (lane in used) done(used[lane])
  if (failed) exit
  part = 2; first = 1; client = load " #rest"; next
}
part == 1 {
  if (substr($0, 1, 12) == "INSERT INTO ") { lane = (lane + 1) % lanes; used[lane] = load " #" lane; inside = 1 }
  if (inside) { print | used[lane]; if (substr($0, length($0) - 1) == ");") inside = 0 }
  next
}
{ last = $0; print | client }
END {
  if (part == 1) for (lane in used) done(used[lane]); else done(client)
  if (!failed && (part == 1 || last !~ /^-- Dump completed/)) { print "the dump broke off" > "/dev/stderr"; failed = 1 }
  exit failed
}
