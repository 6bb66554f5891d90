"""The seed of a random test."""
import os


def take():
    """Returns the number in the environment variable SEED, or a random one.

    Prints it first, so that a failing run can be repeated with SEED=N.
    """
    seed = int(os.environ.get("SEED") or int.from_bytes(os.urandom(3), "big"))
    print(f"SEED={seed}", flush=True)
    return seed
