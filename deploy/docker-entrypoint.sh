#!/bin/sh
# Waits for the databases, does what a start-up does with them (ENV, FORCE_MIGRATION, AUTO_MIGRATE), and
# becomes the application:
#
#   docker-entrypoint.sh COMMAND…   the command gets this process, and with it every signal
#   docker-entrypoint.sh            migrates, and ends: for a job, or an init container
#
# Where something fails, the command is not started, and the exit code is the one of what failed.
# WAIT_TIMEOUT says how long the databases are waited for (60s).
set -eu

child=
stopped=

# A shell that is process 1 passes no signal on, and without a trap is not ended by one.
stop() {
  stopped=$1
  [ -z "$child" ] || kill -s "$2" "$child" 2>/dev/null || :
}
trap 'stop 143 TERM' TERM
# Ctrl-C at a terminal has reached the program as well: a second one would end it at once.
trap 'if [ -t 0 ]; then stopped=130; else stop 130 INT; fi' INT

# Runs a command where a signal can reach it, and ends with it unless it went well.
run() {
  code=0
  if [ -z "$stopped" ]; then
    "$@" &
    child=$!
    # One that came between these two lines has found no child.
    [ -z "$stopped" ] || kill -s TERM "$child" 2>/dev/null || :
    wait "$child" || code=$?
    # A signal ends `wait`, and not yet the child.
    while kill -0 "$child" 2>/dev/null; do
      code=0
      wait "$child" || code=$?
    done
    child=
  fi
  # A command that was done when the signal came does not make the application start.
  [ "$code" -ne 0 ] || code=${stopped:-0}
  [ "$code" -eq 0 ] || exit "$code"
}

run migrate wait --timeout "${WAIT_TIMEOUT:-60s}"
run migrate startup

[ $# -eq 0 ] || exec "$@"
