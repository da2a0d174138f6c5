import time
def test_a(db):
    from .world import make_world
    from .region import load_region
    t=time.perf_counter(); make_world(); print(time.perf_counter()-t)
