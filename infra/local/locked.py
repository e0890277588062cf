"""Runs a command while holding a lock file, so that two set-ups of one checkout take turns.

python3 locked.py LOCK COMMAND [ARGUMENT...]

The system drops the lock when this process ends in any way.
"""

import fcntl
import os
import subprocess
import sys

lock, command = sys.argv[1], sys.argv[2:]
os.makedirs(os.path.dirname(lock) or ".", exist_ok=True)
with open(lock, "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    sys.exit(subprocess.run(command).returncode)
