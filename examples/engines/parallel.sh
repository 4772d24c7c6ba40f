#!/bin/bash
# A campaign in shards on several machines that see one folder, by GNU parallel over ssh. Run it again while it ends with 75:
# only the shards that failed are. What is left after 79 or 81 are refused and unknown mails, which another run can't change.
set -euo pipefail

HOSTS=n1,n2          # as --sshlogin takes them; ":" is this machine
JOBS=2               # shards at a time on each
SHARDS=4
FOLDER=/srv/campaign
ACCOUNT=ops          # known on each machine, as mailtool is on its PATH
DATA=people.csv
TEMPLATE=bill.txt
CAMPAIGN=may
RATE=14/s            # of all shards together
RETRY_FOR=10m        # a shard tries again what is put off; then it ends with 75

trap 'exit 130' INT
trap 'exit 143' TERM
cd "$FOLDER"
bulk=(mailtool bulk -A "$ACCOUNT" --data "$DATA" --template "$TEMPLATE" --campaign "$CAMPAIGN")
shard="${bulk[*]@Q} --rate $RATE --retry-for $RETRY_FOR --shard {}/$SHARDS --yes"
# Its lines know a shard by its number alone, so that another SHARDS needs a log of its own.
joblog=$CAMPAIGN.of-$SHARDS.joblog

# A shard that is stopped finishes what is on its way, for which it needs up to 10 s.
if seq "$SHARDS" | parallel --sshlogin "$HOSTS" --jobs "$JOBS" --workdir "$FOLDER" --tag --line-buffer --termseq TERM,15000,KILL,25 \
    --joblog "$joblog" --resume-failed "$shard || case \$? in 79 | 81) ;; *) exit \$? ;; esac"; then
    # What is mended and sent again begins with a new log, or parallel would take all shards for done.
    rm -f "$joblog"
    exec "${bulk[@]}" --status
fi

# A shard's last line counts. Killed ones and those whose machine was away (255) may run again, any other code is to be mended first.
awk 'NR > 1 { last[$1] = $7 }
    END { code = 75; for (shard in last) if (last[shard] !~ /^(0|75|130|137|143|255)$/) code = last[shard]; exit code }' "$joblog"
