"""`python -m bital`, and where the command `bital` begins."""

import sys


def main() -> int:
    """Run the command line; return its exit code, 130 after Ctrl-C even while it starts."""
    try:
        from bital.cli.main import main as command

        return command()
    except KeyboardInterrupt:
        print("bital: interrupted before anything was finished", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
