import time, cProfile, pstats
def test_a(db):
    from .world import make_world
    from .region import load_region
    p=cProfile.Profile(); p.enable(); make_world(); p.disable()
    pstats.Stats(p).sort_stats("cumtime").print_stats(45)
