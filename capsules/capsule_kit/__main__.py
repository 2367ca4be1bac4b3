"""`python -m capsule_kit MODULE [PROCESSES]`: the model's own process."""

import sys

from capsule_kit.model_process import limit_myself, main

if len(sys.argv) > 2:
    limit_myself(int(sys.argv[2]))
sys.exit(main(sys.argv[1]))
