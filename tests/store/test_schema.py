"""What the migrations make is what the queries expect."""

from pathlib import Path

from sqlalchemy import Inspector, inspect

from bital.store.database import Database, address
from bital.store.schema import METADATA
from bital.store.store import Store


def test_migrated_tables_are_the_declared_ones(place: str) -> None:
    Store.open(place)
    with Database(address(place).difference_update_query(["blobs"])).reading() as connection:
        check_tables(inspect(connection))


def check_tables(inspector: Inspector) -> None:
    assert set(inspector.get_table_names()) == set(METADATA.tables)
    for name, table in METADATA.tables.items():
        found = {
            c["name"]: (str(c["type"]).replace("REAL", "DOUBLE PRECISION"), c["nullable"])
            for c in inspector.get_columns(name)
        }
        declared = {
            c.name: (str(c.type).replace("DOUBLE", "DOUBLE PRECISION"), c.nullable)
            for c in table.columns
        }
        assert found == declared, name
        keys = inspector.get_pk_constraint(name)["constrained_columns"]
        assert keys == [c.name for c in table.primary_key]


def test_a_store_is_a_file_and_a_folder(tmp_path: Path) -> None:
    Store.open(tmp_path / "bital.db")
    assert [path.name for path in tmp_path.iterdir()] == ["bital.db"]
