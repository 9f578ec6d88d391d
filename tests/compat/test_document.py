"""docs/compatibility.md says what the tables say."""

from pathlib import Path

from bital.compat.document import document

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "run python -m bital.compat.document docs/compatibility.md"
    )


def test_what_is_gone_is_told_with_what_to_do() -> None:
    from bital.compat.old.names import GONE

    for name, advice in GONE.items():
        assert f"| `{name}` | {advice} |" in PAGE.read_text(encoding="utf-8")
