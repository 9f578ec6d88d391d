"""What can be said of scores over seeds: pure functions from arrays to frozen values.

- `summary.summarise`: one arm: mean, deviation, median, BCa interval, diverged runs
- `family.with_baseline`, `family.with_best`, `family.all_pairs`: paired comparisons, in words
- `best.probability_best`: how often each arm comes out first when seeds are drawn again
- `power.power`, `power.seeds_needed`, `power.plan`: how many seeds would settle it
- `optimism.optimism`: how much the best validation epoch flatters

docs/statistics.md says which method is used when, from which source, and what was simulated.
"""
