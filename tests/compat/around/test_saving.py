"""plt.show() without a display."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from bital.compat.around.saving import save_figures
print(save_figures(Path(sys.argv[0]), show="--show" in sys.argv))
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.figure()
plt.show()
plt.plot([3, 4])
plt.show()
print(len(plt.get_fignums()), plt.get_backend())
"""


def run(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "lesson.py"
    script.write_text(PROGRAM)
    kept = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | environment
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=kept, timeout=120, check=True
    )


def test_figures_are_saved_next_to_the_script(tmp_path: Path) -> None:
    found = run(tmp_path)
    assert found.stdout.split()[:2] == ["True", "0"]
    saved = sorted(p.name for p in tmp_path.glob("*.png"))
    assert saved == ["lesson-1.png", "lesson-2.png", "lesson-3.png"]
    assert f"figure 3 saved as {tmp_path / 'lesson-3.png'}" in found.stderr


def test_show_and_a_backend_of_one_s_own_are_respected(tmp_path: Path) -> None:
    assert run(tmp_path, "--show", MPLBACKEND="agg").stdout.split()[0] == "False"
    assert run(tmp_path, MPLBACKEND="agg").stdout.split()[::2] == ["False", "agg"]
    assert not list(tmp_path.glob("*.png"))
