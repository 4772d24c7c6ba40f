#!/bin/sh
# Sends the mails of a queue one by one; a message of it is a whole mail. Several of these may share a queue.
# It stops with 64, 77 or 78, as somebody has to mend something first, and after INT or TERM once the mail in hand is done; for systemd:
# KillMode=mixed, Restart=on-failure, RestartPreventExitStatus=64 77 78. If the broker goes before it knows that a mail is done,
# that mail comes again; its Message-ID tells.
set -eu

BROKER=localhost
PORT=5672
AUTHFILE=/etc/mailtool/amqp   # lines username:NAME and password:WORD
QUEUE=mails
HEARTBEAT=900                 # seconds; none goes out while a mail does, so more than that takes
ACCOUNT=ops
PAUSE=60                      # seconds

# What amqp-consume runs for a message: 0 acknowledges it. 65, 79 and 81 do too, as another try can't change them; the line of JSON tells.
handle() {
    [ ! -s "$1" ] || return 1
    code=0
    mailtool send -A "$ACCOUNT" --eml - --json || code=$?
    # What is left unread would kill amqp-consume before it acknowledges.
    cat >/dev/null
    echo "$code" >"$1" || :
    case $code in 0 | 65 | 79 | 81) ;; *) return 1 ;; esac
}

if [ $# -eq 1 ]; then
    handle "$1"
    exit
fi

code=
stopping=
trap 'rm -f "$code"' EXIT
trap 'stopping=yes' INT TERM
code=$(mktemp)

# Whose message it is has the lock, so that the consumer is killed only between two; a handler that comes too late finds the word.
kill_idle() {
    flock -n "$code" sh -c "echo stopped >'$code'; kill $1" 2>/dev/null || :
}

while [ -z "$stopping" ]; do
    : >"$code"
    amqp-consume -s "$BROKER" --port "$PORT" --authfile "$AUTHFILE" --heartbeat "$HEARTBEAT" -q "$QUEUE" -c 1 -p 1 -- \
        flock "$code" sh "$0" "$code" &
    while kill -0 $! 2>/dev/null; do
        if [ -z "$stopping" ]; then
            wait $! || :
        else
            kill_idle $!
            sleep 1
        fi
    done
    # A handler may outlive its consumer.
    flock "$code" true
    case $(cat "$code") in
        0 | 65 | 79 | 81 | stopped) ;;
        64 | 77 | 78) exit "$(cat "$code")" ;;
        *)
            [ -z "$stopping" ] || break
            sleep "$PAUSE" &
            wait $! || : ;;
    esac
done
