"""Rows about images of a registry: Debian's docker-registry on loopback, rkt beside podman."""
import collections, contextlib, json, os, pathlib, re, shutil, socket, statistics, subprocess, sys, time

from measuring import ENVIRONMENT, check, empty_file_system, timed

IMAGES = {"one": "one gzip layer", "many": "20 gzip layers", "zstd": "one zstd layer"}
REQUEST = re.compile(r'"(GET|HEAD|POST) (/v2/\S*) HTTP/[0-9.]+" (\d+) (\d+)')


class Registry:
    """A docker-registry with the images of the rows, its data in memory, which writes down every request."""

    def __init__(self, bench):
        self.place = bench.work / "registry"
        self.place.mkdir()
        check(["mount", "-t", "tmpfs", "tmpfs", str(self.place)])
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.authority = f"127.0.0.1:{probe.getsockname()[1]}"
        (self.place / "config.yml").write_text(
            "version: 0.1\nlog: {level: error, accesslog: {disabled: false}}\n"
            f"storage: {{filesystem: {{rootdirectory: {self.place}/data}}}}\nhttp: {{addr: \"{self.authority}\"}}\n")
        self.log = self.place / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", self.place / "config.yml"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.configuration = self.place / "rkt"
        (self.configuration / "registries.d").mkdir(parents=True)
        (self.configuration / "registries.d/bench.json").write_text(json.dumps(
            {"rktKind": "registry", "rktVersion": "v1", "registries": [self.authority], "plainHTTP": True}))
        self.fill(bench)

    def fill(self, bench):
        layout, _ = bench.layer()
        tree, many = bench.tree(), bench.work / "layout-many"
        names = sorted(entry.name for entry in tree.iterdir())
        bench.write_layout(many, tree, [names[part::20] for part in range(20)])
        for name, source, flags in (("one", layout, []), ("many", many, []),
                                    ("zstd", layout, ["--dest-compress-format=zstd"])):
            check(["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", *flags,
                   f"oci:{source}:latest", f"docker://{self.authority}/{name}:latest"])

    def requests(self, begin=0):
        """The requests behind a position in the log: method, path, status, bytes of the answer."""
        return REQUEST.findall(self.log.read_text()[begin:])

    def position(self):
        return self.log.stat().st_size

    def fetch(self, bench, data, name):
        return [bench.rkt, f"--dir={data}", f"--local-config={self.configuration}", "--insecure-options=image", "fetch",
                f"docker://{self.authority}/{name}:latest"]

    def close(self):
        self.process.terminate()
        self.process.wait()
        check(["umount", str(self.place)])


@contextlib.contextmanager
def registry(bench):
    server = Registry(bench)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(bench.work / "layout-many", ignore_errors=True)
        shutil.rmtree(server.place, ignore_errors=True)


def pull(bench):
    with registry(bench) as server:
        for kind in ("memory", "ext4"):
            for name, what in IMAGES.items():
                with empty_file_system(bench, kind) as path:
                    cold(bench, server, kind, path, name, what)


def cold(bench, server, kind, path, name, what):
    times = {"rkt": [], "podman": []}
    runs = max(3, min(bench.runs, 7 if kind == "memory" else 5))
    for run in range(runs):
        # Old trees stay: deleting them would be measured with the next run.
        mine, theirs, temporary = path / f"rkt-{run}", path / f"podman-{run}", path / "tmp"
        temporary.mkdir(exist_ok=True)
        ENVIRONMENT["TMPDIR"] = str(temporary)  # where podman keeps what it downloads
        contenders = {"rkt": server.fetch(bench, mine, name),
                      "podman": ["podman", "--root", str(theirs), "--runroot", f"{theirs}-run", "--storage-driver",
                                 "overlay", "pull", "--quiet", "--tls-verify=false", f"{server.authority}/{name}:latest"]}
        for who in sorted(contenders, reverse=run % 2 == 1):
            os.sync()
            times[who].append(timed(contenders[who]))
        del ENVIRONMENT["TMPDIR"]
        if kind == "memory":  # which isn't there for ten of them
            subprocess.run(["umount", "-l", str(theirs / "overlay")], stderr=subprocess.DEVNULL)
            shutil.rmtree(mine), shutil.rmtree(theirs)
    mine, theirs = (statistics.median(times[who]) / 1000 for who in ("rkt", "podman"))
    bench.say(f"cold pull of 170 MB, 9,000 files, {what}, {kind}, s (median of {runs})", "≤ 0.25 × podman", f"{mine:.2f}",
              f"podman {theirs:.2f}", f"{mine / theirs:.2f} × podman")


def again(bench):
    """An unchanged tag is asked for once more; two processes want the same image; what that costs the registry."""
    with registry(bench) as server, empty_file_system(bench, "memory") as path:
        command = server.fetch(bench, path / "again", "many")
        check(command)
        begin = server.position()
        values = [timed(command) for _ in range(max(bench.runs, 20))]
        requests = len(server.requests(begin)) / len(values)
        bench.say("`fetch` of an unchanged tag, ms", "≤ 50, 1 request", f"{statistics.median(values):.1f}", "",
                  f"{requests:g} requests each")
        begin = server.position()
        both = [subprocess.Popen(server.fetch(bench, path / "both", "many"), stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
        if any([process.wait() for process in both]):
            sys.exit("bench: one of two fetches of the same image failed")
        blobs = collections.Counter(path for method, path, status, _ in server.requests(begin)
                                    if method == "GET" and "/blobs/" in path)
        sent = sum(int(size) for _, path, _, size in server.requests(begin) if "/blobs/" in path)
        size = sum(entry.stat().st_size for entry in (bench.work / "layout-many/blobs/sha256").iterdir())
        bench.say("two processes fetch the same image at once, MB sent", "once the image", f"{sent / 1e6:.1f}",
                  f"the image {size / 1e6:.1f}", f"{len(blobs)} blobs, {sum(blobs.values())} requests for them")


def fetchers(bench):
    """What the processes of the fetcher need of memory, and verification of the processors' time."""
    with registry(bench) as server, empty_file_system(bench, "memory") as path:
        for name, what in IMAGES.items():
            peak = peak_memory(server.fetch(bench, path / f"peak-{name}", name))
            bench.say(f"peak memory of all fetcher processes, {what}, MiB", "≤ 100", f"{peak / 1024:.0f}", "", "")
        shares = {name: hashing_share(bench, server.fetch(bench, path / f"share-{name}", name)) for name in IMAGES}
        text = " · ".join(f"{what} {100 * shares[name]:.0f} %" for name, what in IMAGES.items())
        bench.say("verification's share of a pull's processor time (perf samples in libcrypto)", "", text, "", "")


def peak_memory(command):
    """The sum of the largest resident sets that any of the fetcher's processes ever had, kB."""
    peaks = {}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        for pid in descendants(process.pid):
            with contextlib.suppress(OSError, ValueError):
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
                if status.startswith("Name:\trkt-fetcher"):
                    peaks[pid] = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) if "VmHWM" in status else peaks.get(pid, 0)
        time.sleep(0.002)
    if process.returncode or not peaks:
        sys.exit(f"bench: {command} ended with {process.returncode}, {len(peaks)} fetcher processes seen")
    return sum(peaks.values())


def descendants(pid):
    with contextlib.suppress(OSError):
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from descendants(int(child))


def hashing_share(bench, command):
    """By plain http nothing but digests is computed in libcrypto."""
    samples = bench.work / "perf.data"
    check(["perf", "record", "--quiet", "--freq=2000", "--event=cpu-clock", f"--output={samples}", "--", *command])
    report = check(["perf", "report", f"--input={samples}", "--sort=dso", "--stdio", "--field-separator=,", "--quiet"])
    shares = {line.split(",")[1].strip(): float(line.split(",")[0].strip(" %")) for line in report.splitlines() if "," in line}
    samples.unlink()
    return sum(value for name, value in shares.items() if name.startswith("libcrypto")) / 100
