"""``python -m bench.pack``: makes the whole pack of a release in this process, for ``BENCH_DATABASE``, and prints the
seconds of CPU that it took, without the start-up, and the most memory that the process had, in MB."""

import resource
import time

import django


def main() -> None:
    django.setup()
    from reporting.models import Release
    from reporting.pack.making import steps_of

    before = time.process_time()
    made = [each for step in steps_of(Release.objects.latest("number")) for each in step.make()]
    seconds = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, memory, len(made), sum(len(each.content) for each in made))


if __name__ == "__main__":
    main()
