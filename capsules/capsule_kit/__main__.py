"""`python -m capsule_kit MODULE`: a model's own process, in the kit's Python."""

import sys

from capsule_kit.model_process import main

sys.exit(main(sys.argv[1]))
