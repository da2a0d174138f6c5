import time
def test_a(world):
    from reporting.report import build_report
    from .region import on, INTERIM
    t=time.perf_counter(); r=build_report(on(INTERIM)); print(time.perf_counter()-t)
    for c in ("1.1.1(b)","2.2.2(a).1","2.1.1(a).2","3.1.3(a)","4.2.1(f)","1.1.2(c)"): print(c, r.results[c])
