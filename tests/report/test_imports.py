import subprocess
import sys


def test_importing_the_report_draws_nothing():
    code = (
        "import sys, bital.report.table, bital.report.page, bital.report.document\n"
        "print([m for m in ('matplotlib', 'rich', 'jax', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
