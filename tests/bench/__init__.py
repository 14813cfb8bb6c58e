"""Speed, as ratios taken in one run: `nox -s bench`.

clock     medians of interleaved repetitions, and peak memory
start     from a command to its verdict
many      the same with a thousand katas
peers     every reference beside the function that users would call instead
growth    how a reference's time grows with its input
"""
