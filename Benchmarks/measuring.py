"""How the bench times programs: whole processes, from start to exit, each checked for its exit code."""
import contextlib, os, random, statistics, subprocess, sys, time

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
QUIET = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
         (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]


def timed(command):
    """Milliseconds from start to exit of a command that must succeed."""
    begin = time.perf_counter()
    child = os.posix_spawnp(command[0], command, ENVIRONMENT, file_actions=QUIET)
    _, status, _ = os.wait4(child, 0)
    spent = (time.perf_counter() - begin) * 1000
    if status != 0:
        check(command)
        sys.exit(f"bench: {command} failed with status {status}, then succeeded")
    return spent


def check(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def interleaved(contenders, runs, gap=0.0):
    """Medians of contenders that take turns; each round has its own order, so nobody is always second."""
    times = {name: [] for name in contenders}
    for command in contenders.values():
        for _ in range(2):
            timed(command())
    for _ in range(runs):
        order = list(contenders)
        random.shuffle(order)
        for name in order:
            if gap:
                time.sleep(gap)
            times[name].append(timed(contenders[name]()))
    return {name: statistics.median(values) for name, values in times.items()}


def alone(command, runs, gap=0.0):
    """Median of one command, run after run without others between them."""
    values = []
    for _ in range(runs + 2):
        if gap:
            time.sleep(gap)
        values.append(timed(command()))
    return statistics.median(values[2:])


def check_quiet(command):
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        sys.exit(f"bench: {command} failed")


@contextlib.contextmanager
def empty_file_system(bench, kind):
    """An empty file system of a kind for the stores of some runs.

    ext4 is slow for minutes after many files were deleted (it passes over their inodes one by one), so it is a new one.
    """
    path, disk = bench.work / f"on-{kind}", bench.work / "disk.ext4"
    path.mkdir()
    if kind == "memory":
        check(["mount", "-t", "tmpfs", "tmpfs", str(path)])
    else:
        check(["fallocate", "--length=6G", str(disk)])
        check(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(disk)])
        check(["mount", "-o", "loop", str(disk), str(path)])
    try:
        yield path
    finally:
        for overlay in path.glob("*/overlay"):
            subprocess.run(["umount", "-l", str(overlay)], stderr=subprocess.DEVNULL)
        check(["umount", "-l", str(path)])
        path.rmdir()
        disk.unlink(missing_ok=True)
