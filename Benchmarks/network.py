"""Rows about the pod's network. Everything happens in network namespaces of the bench's own, one for each contender, so that
no one waits for what another left to the kernel."""
import __main__ as base
import ctypes, json, os, pathlib, random, statistics, subprocess, tarfile, time

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NETWORK = 0x40000000
HERE = pathlib.Path(__file__).resolve().parent
IMAGE = "example.com/traffic"


class Place:
    """A network namespace that plays a machine; what this process starts, starts in the place that it entered last."""

    home = None

    def __init__(self):
        if Place.home is None:
            Place.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        if LIBC.unshare(NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.namespace = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        base.check(["ip", "link", "set", "lo", "up"])
        Place.leave()

    def enter(self):
        Place.join(self.namespace)

    @staticmethod
    def leave():
        Place.join(Place.home)

    @staticmethod
    def join(namespace):
        if LIBC.setns(namespace, NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def starting(self, make):
        """A contender that starts here."""
        def command():
            self.enter()
            return make()
        return command


def podman_start(bench):
    """podman with its own network of NAT, without a resolver."""
    return [*bench.podman, "--network-config-dir", str(bench.work / "podman-networks"), "run", "--rm",
            "--network=bridge", "bench", "/bin/true"]


def places(bench):
    if not hasattr(bench, "places"):
        bench.places = {name: Place() for name in ("rkt", "floor", "podman")}
    return bench.places


def collect(bench):
    places(bench)["rkt"].enter()
    bench.collect()
    Place.leave()


def start(bench):
    own = places(bench)
    m = base.interleaved({"rkt": own["rkt"].starting(lambda: bench.start_rkt("default")),
                          "none": own["rkt"].starting(lambda: bench.start_rkt("none")),
                          "floor": own["floor"].starting(lambda: bench.start_floor("default"))}, max(bench.runs, 40))
    podman = base.alone(own["podman"].starting(lambda: podman_start(bench)), 10)
    collect(bench)
    mine = m["rkt"]
    bench.say("start of `/bin/true`, `--net=default`, ms", "≤ 2.0 × floor, ≤ 0.05 × podman", f"{mine:.2f}",
              f"floor {m['floor']:.2f} · podman {podman:.0f} · rkt `--net=none` {m['none']:.2f}",
              f"{mine / m['floor']:.2f} × floor, {mine / podman:.3f} × podman")


def crowd(bench):
    own, rates = places(bench), {}
    for name, make, rounds in (("rkt", lambda: bench.start_rkt("default"), 5), ("podman", lambda: podman_start(bench), 1)):
        own[name].enter()
        rates[name] = [at_once(make, 50) for _ in range(rounds)]
    collect(bench)
    if any(failed for _, failed in rates["rkt"]):
        base.sys.exit("bench: one of 50 starts failed")
    mine = statistics.median(rate for rate, _ in rates["rkt"])
    theirs, failed = rates["podman"][0]
    bench.say("50 starts at once, `--net=default`, pods a second", "", f"{mine:.0f}",
              f"podman {theirs:.1f}" + (f" ({failed} of 50 failed)" if failed else ""), f"{mine / theirs:.0f} × podman")


def at_once(make, count):
    """Pods a second, and how many failed."""
    begin, failed = time.perf_counter(), 0
    children = []
    for _ in range(count):
        command = make()
        children.append(os.posix_spawnp(command[0], command, base.ENVIRONMENT, file_actions=base.QUIET))
    for child in children:
        failed += os.waitpid(child, 0)[1] != 0
    return (count - failed) / (time.perf_counter() - begin), failed


def traffic(bench):
    """Between two pods, and from a pod to its host, beside the same over veth pairs made by hand.

    By hand there are two bare sets, how far they are apart is the noise, and one that has what a pod's network can't be without:
    translation of addresses, and control groups of the two programs."""
    make_image(bench)
    program, running = str(bench.work / "traffic-root/bin/traffic"), []
    host, hands = Place(), {"bare": Wires(), "again": Wires(), "full": FullWires()}

    def serve(place, command):
        place.enter()
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))

    def pod(*arguments):
        return [bench.rkt, f"--dir={bench.data}", "run", "--net=default", IMAGE, "--exec=/bin/traffic", "--", *arguments]

    try:
        serve(host, pod("serve", "5000"))
        serve(host, [program, "serve", "5001"])
        for wires in hands.values():
            serve(wires.pods[0], wires.inside("server", [program, "serve", "5000"]))
            serve(wires.host, [program, "serve", "5001"])
        host.enter()
        ways = {("pod to pod", "5000"): (address_of_pod(bench), Wires.addresses[0]),
                ("pod to host", "5001"): ("172.16.28.1", Wires.gateway)}
        for (way, port), (mine, theirs) in ways.items():
            for kind, what, unit in (("send", "throughput", "Gbit/s"), ("ask", "latency", "µs")):
                places = {"rkt": (host, pod(kind, mine, port))}
                for name, wires in hands.items():
                    places[name] = (wires.pods[1], wires.inside("client", [program, kind, theirs, port]))
                tell_traffic(bench, f"{what} {way}, {unit}", places)
    finally:
        for server in running:
            server.terminate()
        for server in running:
            server.wait()
        hands["full"].close()
        host.enter()
        bench.collect()
        Place.leave()


def tell_traffic(bench, row, places):
    values = {name: [] for name in places}
    for _ in range(max(9, bench.runs // 3)):
        for name in random.sample(list(places), len(places)):
            place, command = places[name]
            place.enter()
            values[name].append(float(base.check(command)))
    own, bare, again, full = (statistics.median(values[name]) for name in ("rkt", "bare", "again", "full"))
    bench.say(row, "as by hand, within noise", f"{own:.2f}",
              f"veth pairs by hand with NAT and control groups {full:.2f}, bare {bare:.2f} and {again:.2f}",
              f"{own / full:.2f} ×, bare {own / bare:.2f} and {own / again:.2f} ×")


def make_image(bench):
    root = bench.work / "traffic-root"
    (root / "bin").mkdir(parents=True)
    base.check(["gcc", "-O2", "-static", "-o", root / "bin/traffic", HERE / "traffic.c"])
    manifest = {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": IMAGE,
                "labels": [{"name": "os", "value": "linux"}, {"name": "arch", "value": "amd64"}],
                "app": {"exec": ["/bin/traffic"], "user": "0", "group": "0"}}
    (bench.work / "traffic-manifest").write_text(json.dumps(manifest))
    with tarfile.open(bench.work / "traffic.aci", "w") as archive:
        archive.add(bench.work / "traffic-manifest", "manifest")
        archive.add(root, "rootfs")
    base.check([bench.rkt, f"--dir={bench.data}", "--insecure-options=image", "fetch", bench.work / "traffic.aci"])


def address_of_pod(bench):
    """The address of the pod that is running; nobody needs to wait for it to listen, whoever calls tries again."""
    for _ in range(500):
        for pod in json.loads(base.check([bench.rkt, f"--dir={bench.data}", "list", "--format=json"]) or "[]"):
            for network in pod.get("networks") or []:
                if pod["state"] == "running" and network.get("ip"):
                    return network["ip"]
        time.sleep(0.02)
    base.sys.exit("bench: the pod has no address")


class Wires:
    """Two namespaces, each on a veth pair of its own to a third one, which routes."""

    gateway, addresses = "10.88.0.1", ("10.88.0.2", "10.88.0.3")

    def __init__(self):
        self.host, self.pods = Place(), [Place(), Place()]
        self.host.enter()
        pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        for number, (place, address) in enumerate(zip(self.pods, self.addresses)):
            name = f"wire{number}"
            self.run(self.host, f"ip link add {name} type veth peer name eth0 netns /proc/{os.getpid()}/fd/{place.namespace}",
                     f"ip addr add {self.gateway}/32 dev {name}", f"ip link set {name} up",
                     f"ip route add {address}/32 dev {name} src {self.gateway}")
            self.run(place, f"ip addr add {address}/32 dev eth0", "ip link set eth0 up",
                     f"ip route add {self.gateway}/32 dev eth0", f"ip route add default via {self.gateway}")

    @staticmethod
    def run(place, *commands):
        place.enter()
        for command in commands:
            base.check(command.split())

    def inside(self, who, command):
        """The command as it is started here."""
        return command


class FullWires(Wires):
    """The same with a rule that translates what leaves, and each program in control groups two deep, as an app of a pod is."""

    def __init__(self):
        super().__init__()
        self.host.enter()
        base.check(["nft", "add table ip nat; add chain ip nat leaving { type nat hook postrouting priority 100; }; "
                    "add rule ip nat leaving ip saddr 10.88.0.0/24 oifname != \"wire*\" masquerade"])
        self.groups = []
        for controller in ("cpu", "cpuacct", "memory", "pids", "devices", "freezer", "blkio"):
            root = pathlib.Path("/sys/fs/cgroup", controller)
            if (root / "tasks").exists():
                self.groups += [(who, root / f"rkt-bench-{who}" / "app") for who in ("server", "client")]
        for _, group in self.groups:
            group.mkdir(parents=True, exist_ok=True)

    def inside(self, who, command):
        entry = "".join(f"echo $$ >{group}/tasks; " for owner, group in self.groups if owner == who)
        return ["/bin/sh", "-c", f'{entry}exec "$@"', "sh", *command]

    def close(self):
        for _, group in self.groups:
            group.rmdir(), group.parent.rmdir()
