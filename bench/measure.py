#!/usr/bin/env python3
"""Runs a command with its output thrown away and prints one line of JSON: wall, user and sys seconds, peak RSS in KB
(of the largest process), exit status. Children that the command has waited for are counted, as in wait4(2)."""
import json, os, subprocess, sys, time

start = time.monotonic()
with open(os.devnull, "w") as null:
    child = subprocess.Popen(sys.argv[1:], stdout=null, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
print(json.dumps({
    "wall": time.monotonic() - start,
    "user": usage.ru_utime,
    "sys": usage.ru_stime,
    "rssKb": usage.ru_maxrss,
    "status": os.waitstatus_to_exitcode(status),
    "stderr": errors.decode("utf8", "replace")[-300:],
}))
