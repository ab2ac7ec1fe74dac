"""Rows about building images, beside buildah. A contender is the whole sequence of commands that a user types, and each
starts without anything of the runs before, but for the row about steps that are known."""
import __main__ as base
import os, pathlib, random, shutil, statistics, subprocess, time

MEGABYTE = 1_000_000
NAME = "example.com/built"


class Builders:
    """Where both work, and how their commands begin."""

    def __init__(self, bench, in_memory=False):
        self.place, self.in_memory = bench.work / "building", in_memory
        self.place.mkdir(exist_ok=True)
        if in_memory:
            base.check(["mount", "-t", "tmpfs", "tmpfs", str(self.place)])
        self.acbuild = f"{pathlib.Path(bench.rkt).parent / 'acbuild'} --dir={self.place}/data"
        self.buildah = (f"buildah --root {self.place}/buildah --runroot {self.place}/buildah-run --storage-driver overlay")
        policy = self.place / "policy.json"
        policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        self.policy = f"--signature-policy {policy}"

    def tree(self, bench, megabytes):
        """Files of this machine, and one part in ten that no compressor makes smaller."""
        tree = self.place / f"tree-{megabytes}"
        if tree.exists():
            return tree
        noise = tree / "noise"
        noise.mkdir(parents=True)
        generator = random.Random(6)
        for number in range(max(1, megabytes // 100)):
            (noise / str(number)).write_bytes(generator.randbytes(min(megabytes, 100) * MEGABYTE // 10))
        bench.fill(tree, megabytes * 30, megabytes * MEGABYTE * 9 // 10)
        return tree

    def with_acbuild(self, tree, mode):
        """begin, copy, write, end."""
        image = self.place / f"image.{mode}"
        here = f"{self.acbuild} --work-path={self.place}"
        return ["sh", "-ec", f"{here} begin --build-mode={mode}; {here} copy {tree} /tree\n"
                + (f"{here} set-name {NAME}\n" if mode == "appc" else "")
                + f"{here} write --overwrite {image}; {here} end"]

    def with_buildah(self, tree):
        """from, copy, commit; the image is packed with gzip, as it is for a registry."""
        image = self.place / "image.buildah"
        return ["sh", "-ec", f"rm -f {image}; c=$({self.buildah} from {self.policy} scratch); {self.buildah} copy $c {tree} /tree\n"
                f"{self.buildah} commit {self.policy} --disable-compression=false --quiet --rm $c oci-archive:{image}"]

    def steps(self):
        """A Containerfile of twenty steps, and the directory it copies from."""
        context = self.place / "context"
        context.mkdir(exist_ok=True)
        shutil.copy("/bin/busybox", context / "busybox")
        lines = ["FROM scratch", "COPY busybox /bin/busybox", 'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
                 "ENV PATH=/bin", "WORKDIR /work"]
        for number in range(5):
            (context / f"part{number}").write_bytes(random.Random(number).randbytes(200_000))
            lines += [f"COPY part{number} /work/part{number}", f"RUN wc -c part{number} >size{number}"]
        lines += ["ENV A=1 B=2", "LABEL example.com/row=bench", "USER 1000", "EXPOSE 8080", "STOPSIGNAL SIGINT",
                  'CMD ["/bin/sh"]']
        (context / "Containerfile").write_text("\n".join(lines) + "\n")
        assert len(lines) == 21
        return context

    def close(self):
        subprocess.run(["umount", "-l", str(self.place / "buildah/overlay")], stderr=subprocess.DEVNULL)
        if self.in_memory:
            base.check(["umount", "-l", str(self.place)])
        subprocess.run(["rm", "-rf", "--one-file-system", str(self.place)])


def write(bench):
    """scratch, a copy of 100 MB, and the image in a file; everything in memory, and on the disk of the machine."""
    write_in(bench, "memory")
    write_in(bench, "disk")


def write_in(bench, place, runs=7):
    builders = Builders(bench, in_memory=place == "memory")
    try:
        tree = builders.tree(bench, 100)
        contenders = {"oci": builders.with_acbuild(tree, "oci"), "appc": builders.with_acbuild(tree, "appc"),
                      "buildah": builders.with_buildah(tree)}
        times, sizes = {name: [] for name in contenders}, {}
        for _ in range(runs + 1):
            for name in random.sample(list(contenders), len(contenders)):
                os.sync()
                times[name].append(base.timed(contenders[name]))
                sizes[name] = (builders.place / f"image.{name}").stat().st_size / 1e6
        m = {name: statistics.median(values[1:]) / 1000 for name, values in times.items()}
        for mode, name in (("oci", "an OCI archive"), ("appc", "an ACI")):
            bench.say(f"build of nothing and 100 MB, into {name} with gzip, {place}, s (median of {runs})", "≤ 0.5 × buildah",
                      f"{m[mode]:.2f} ({sizes[mode]:.0f} MB)", f"buildah {m['buildah']:.2f} ({sizes['buildah']:.0f} MB)",
                      f"{m[mode] / m['buildah']:.2f} × buildah")
    finally:
        builders.close()


def cached(bench):
    """A Containerfile of twenty steps of which every result is known."""
    builders = Builders(bench)
    try:
        context = builders.steps()
        mine = [*builders.acbuild.split(), "build", "--network=none", f"--tag={NAME}:1", str(context)]
        theirs = [*builders.buildah.split(), "bud", "--layers", "--isolation=chroot", *builders.policy.split(),
                  "--tag", f"{NAME}:1", str(context)]
        for command in (mine, theirs):
            base.check(command)
        m = base.interleaved({"acbuild": lambda: mine, "buildah": lambda: theirs}, max(bench.runs // 2, 10))
        bench.say("20 steps of a Containerfile, all known, ms", "≤ 0.1 × buildah", f"{m['acbuild']:.1f}",
                  f"buildah {m['buildah']:.0f}", f"{m['acbuild'] / m['buildah']:.3f} × buildah")
    finally:
        builders.close()


def peak(command):
    """The largest resident size of a program, in MB. What wait4 says begins with the size of whoever started it."""
    child = os.posix_spawnp(command[0], command, base.ENVIRONMENT, file_actions=base.QUIET)
    largest = 0
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        try:
            status = pathlib.Path(f"/proc/{child}/status").read_text()
            largest = max([largest] + [int(line.split()[1]) for line in status.split("\n") if line.startswith("VmHWM:")])
        except OSError:
            pass
        time.sleep(0.001)
    return largest / 1000


def memory(bench):
    """How much memory write needs, for a small and a large image."""
    builders = Builders(bench)
    try:
        for mode, name in (("oci", "an OCI archive"), ("appc", "an ACI")):
            peaks = []
            for megabytes in (100, 1000):
                tree = builders.tree(bench, megabytes)
                here = [*builders.acbuild.split(), f"--work-path={builders.place}"]
                base.check([*here, "begin", f"--build-mode={mode}"])
                base.check([*here, "copy", str(tree), "/tree"])
                if mode == "appc":
                    base.check([*here, "set-name", NAME])
                peaks.append(peak([*here, "write", "--overwrite", str(builders.place / "image")]))
                base.check([*here, "end"])
            bench.say(f"peak memory of `acbuild write` of 100 MB and 1 GB into {name}, MB", "the same",
                      f"{peaks[0]:.0f} and {peaks[1]:.0f}", "", f"{peaks[1] / peaks[0]:.2f} ×")
    finally:
        builders.close()
