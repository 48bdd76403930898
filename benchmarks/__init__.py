"""Benchmarks of the main job: ``python3 run.py bench [NAME]``.

Everything is measured in one run on one machine, and what depends on the
machine stands beside a raw figure of the same run.  Nothing here fails
because it is slow.
"""
