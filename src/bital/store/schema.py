"""The tables as queries see them; `bital.store.migrations` makes them."""

from sqlalchemy import BigInteger, Column, Double, Integer, MetaData, Table, Text

METADATA = MetaData()

VERSION = Table("bital_version", METADATA, Column("version", Integer, nullable=False))

# Mappings are canonical JSON in text columns: both databases keep them to the letter.
RUNS = Table(
    "bital_runs",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("spec", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("split", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("started", Double, nullable=False),
    Column("ended", Double),
    Column("metrics", Text, nullable=False),
    Column("scores", Text, nullable=False),
    Column("parameters", BigInteger),
    Column("environment", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("process", BigInteger, nullable=False),
)

# owner: a key of bital_runs or of bital_memos
BLOBS = Table(
    "bital_blobs",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
)

MEMOS = Table(
    "bital_memos",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("function", Text, nullable=False),
    Column("made", Double, nullable=False),
)
