"""`python -m bital`."""

import sys

from bital.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
