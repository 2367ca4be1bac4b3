"""`python -m capsule_kit MODULE`: the model's own process."""

import sys

from capsule_kit.model_process import main

sys.exit(main(sys.argv[1]))
