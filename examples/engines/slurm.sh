#!/bin/bash
# A campaign as a job array, a shard for each index; all nodes see the folder: sbatch slurm.sh
#SBATCH --job-name=may
#SBATCH --array=1-4
#SBATCH --chdir=/srv/campaign
#SBATCH --output=%x-%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --time=1-00:00:00
#SBATCH --signal=TERM@60
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
set -euo pipefail

ACCOUNT=ops
DATA=people.csv
TEMPLATE=bill.txt
CAMPAIGN=may
RATE=14/s        # of all shards together
RETRY_FOR=10m    # a shard tries again what is put off; then it ends with 75
REQUEUES=20

code=0
srun mailtool bulk -A "$ACCOUNT" --data "$DATA" --template "$TEMPLATE" --campaign "$CAMPAIGN" \
    --rate "$RATE" --retry-for "$RETRY_FOR" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --yes || code=$?

case $code in
    79 | 81) # Done: what is left are refused and unknown mails, which another try can't change.
        exit 0 ;;
    75 | 143) # Some may still be, or the time was up. By SLURM_JOB_ID the array's last task would requeue them all.
        if [ "${SLURM_RESTART_COUNT:-0}" -lt "$REQUEUES" ]; then
            scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
        fi ;;
esac
exit "$code"
