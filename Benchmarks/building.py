"""Rows about building images: acbuild beside buildah, in directories of their own on the same file system."""
import __main__ as base
import os, pathlib, random, shutil, statistics, subprocess

STEPS = 20


def storage(bench):
    """buildah with a store of its own."""
    return f"buildah --root {bench.work}/buildah --runroot {bench.work}/buildah-run --storage-driver overlay"


def script(text):
    return ["/bin/sh", "-ec", text]


def release(bench):
    subprocess.run(["umount", "-l", bench.work / "buildah/overlay"], stderr=subprocess.DEVNULL)


def tree(bench, megabytes):
    """Programs, libraries and texts of this machine in an order drawn once, as compressible as images are."""
    root = bench.work / f"tree-{megabytes}"
    found = subprocess.run(["find", "/usr/lib", "/usr/bin", "/usr/share", "-xdev", "-type", "f", "-size", "-8000k"],
                           capture_output=True, text=True).stdout.splitlines()
    random.Random(4).shuffle(found)
    size, number = 0, 0
    while size < megabytes << 20:
        source = found[number % len(found)]
        target = root / f"d{number // 100}" / str(number)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        size, number = size + target.stat().st_size, number + 1
    return root


def acbuild(bench, mode, source, target):
    place = bench.work / f"acbuild-{mode}"
    place.mkdir(exist_ok=True)
    verb = f"{bench.rkt.removesuffix('rkt')}acbuild --dir={bench.data}"
    return script(f"cd {place}; {verb} begin --build-mode={mode}; {verb} set-name example.com/made; "
                  f"{verb} copy {source} /data; {verb} write --overwrite {target}; {verb} end")


def pack(bench):
    """From nothing to a file that holds a gzip image of 100 MB."""
    source = tree(bench, 100)
    made = {name: bench.work / f"made.{name}" for name in ("aci", "oci", "buildah")}

    def buildah():
        made["buildah"].unlink(missing_ok=True)
        run = storage(bench)
        return script(f"c=$({run} from scratch); {run} copy --quiet $c {source} /data; "
                      f"{run} commit --quiet --rm --disable-compression=false $c oci-archive:{made['buildah']}")
    try:
        m = base.interleaved({"aci": lambda: acbuild(bench, "appc", source, made["aci"]),
                              "oci": lambda: acbuild(bench, "oci", source, made["oci"]),
                              "buildah": buildah}, 5)
    finally:
        release(bench)
    sizes = {name: path.stat().st_size / 1e6 for name, path in made.items()}
    for name, what in (("aci", "ACI"), ("oci", "OCI archive")):
        bench.say(f"scratch, copy of 100 MB, write of a gzip {what}, s (median of 5)", "≤ 0.5 × buildah",
                  f"{m[name] / 1000:.2f} ({sizes[name]:.0f} MB)",
                  f"buildah {m['buildah'] / 1000:.2f} ({sizes['buildah']:.0f} MB)", f"{m[name] / m['buildah']:.2f} × buildah")


def cached(bench):
    """A Containerfile whose every step is known."""
    context = bench.work / "context"
    context.mkdir()
    shutil.copytree(bench.rootfs, context / "root", symlinks=True)
    steps = ["FROM scratch", "COPY root /"]
    for number in range(0, STEPS - 1, 3):
        (context / f"file{number}").write_text(str(number))
        steps += [f"COPY file{number} /etc/", f"RUN echo {number} >/etc/run{number}", f"ENV NUMBER{number}={number}"]
    (context / "Containerfile").write_text("\n".join(steps[:STEPS + 1]) + "\n")
    mine = [f"{bench.rkt.removesuffix('rkt')}acbuild", f"--dir={bench.data}", "build", "--quiet",
            f"--work-path={bench.work}", "--tag=example.com/cached:1", str(context)]
    theirs = [*storage(bench).split(), "build", "--layers", "--quiet", "--isolation=chroot", "--tag", "cached", str(context)]
    try:
        for command in (mine, theirs):
            base.check(command)
        m = base.interleaved({"acbuild": lambda: mine, "buildah": lambda: theirs}, bench.runs)
    finally:
        release(bench)
    bench.say(f"Containerfile of {STEPS} steps, all known, ms", "≤ 0.1 × buildah", f"{m['acbuild']:.0f}",
              f"buildah {m['buildah']:.0f}", f"{m['acbuild'] / m['buildah']:.3f} × buildah")


def memory(bench):
    """The largest process of `acbuild write`, for images that differ tenfold."""
    largest = []
    for megabytes in (100, 1000):
        source = bench.work / f"tree-{megabytes}"
        if not source.exists():
            tree(bench, megabytes)
        command = acbuild(bench, "oci", source, bench.work / "made.memory")
        child = os.posix_spawnp(command[0], command, base.ENVIRONMENT, file_actions=base.QUIET)
        _, status, usage = os.wait4(child, 0)
        if status != 0:
            base.sys.exit("bench: acbuild failed")
        largest.append(usage.ru_maxrss / 1024)
    bench.say("memory of `acbuild` for 100 MB and 1 GB, MiB", "the same", f"{largest[0]:.0f} and {largest[1]:.0f}", "",
              f"{largest[1] / largest[0]:.2f} ×")
