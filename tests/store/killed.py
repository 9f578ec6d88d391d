"""A writer to be killed: `python killed.py PLACE SEED` says each run it has saved."""

import sys
from itertools import count

from bital.store.store import Store
from store import made

if __name__ == "__main__":
    store = Store.open(sys.argv[1])
    for seed in count(int(sys.argv[2])):
        store.save(made.run(seed, status="running"))
        store.save(made.run(seed, scores={"test_accuracy": 0.5}), made.arrays(seed, 20_000))
        sys.stdout.write(f"{seed}\n")
        sys.stdout.flush()
