import TestSupport
import Testing

extension Functional {
    /// Host directories and empty volumes, and where they end up.
    @Suite struct Volumes {
        let rkt: Rkt
        let host: String

        init() throws {
            rkt = try .withBusybox()
            host = try rkt.scratch.makeDirectory("host")
            try rkt.scratch.write("from the host\n", to: "host/file")
        }

        private func mount(_ options: String = "", at target: String = "/data") -> [String] {
            [
                "--volume=v,kind=host,source=\(host)\(options)",
                "--mount=volume=v,target=\(target)",
            ]
        }

        @Test func aHostDirectoryIsReadAndWritten() throws {
            let outcome = try rkt.shell("cat /data/file; echo x > /data/new", pod: mount())
            #expect(outcome.text == "from the host", "\(outcome)")
            #expect(rkt.scratch.read("host/new") == "x\n")
        }

        @Test func aReadOnlyVolumeCannotBeWritten() throws {
            let outcome = try rkt.probe(["--create=/data/new"], pod: mount(",readOnly=true"))
            #expect(outcome.facts["create./data/new"] == "EROFS", "\(outcome)")
        }

        @Test func readOnlyHoldsForMountsBelowToo() throws {
            let below = try rkt.scratch.makeDirectory("host/below")
            try tool("mount", "-t", "tmpfs", "tmpfs", below)
            defer { _ = try? tool("umount", below) }
            let locked = try rkt.probe(["--create=/data/below/x"], pod: mount(",readOnly=true"))
            #expect(locked.facts["create./data/below/x"] == "EROFS", "\(locked)")
            let flat = try rkt.shell(
                "grep -c /data/below /proc/mounts",
                pod: mount(",recursive=false")
            )
            #expect(flat.text == "0", "\(flat)")
        }

        @Test func volumesStayWritableOnAReadOnlyRoot() throws {
            let outcome = try rkt.probe(
                ["--create=/data/new", "--create=/new"],
                pod: mount(),
                app: ["--readonly-rootfs=true"]
            )
            #expect(outcome.facts["create./data/new"] == "ok", "\(outcome)")
            #expect(outcome.facts["create./new"] == "EROFS", "\(outcome)")
        }

        @Test func volumesBringNeitherDevicesNorSetUserIds() throws {
            let outcome = try rkt.probe(["--facts=mounts"], pod: mount())
            let options = outcome.facts["mount./data"] ?? ""
            #expect(options.contains("nosuid") && options.contains("nodev"), "\(outcome)")
        }

        @Test func aFileIsMountedAsAFile() throws {
            let outcome = try rkt.shell(
                "cat /etc/motd",
                pod: [
                    "--volume=f,kind=host,source=\(host)/file", "--mount=volume=f,target=/etc/motd",
                ]
            )
            #expect(outcome.text == "from the host", "\(outcome)")
        }

        @Test func anEmptyVolumeHasTheModeAndOwnerAskedFor() throws {
            let outcome = try rkt.probe(
                ["--stat=/data"],
                pod: [
                    "--volume=e,kind=empty,mode=0700,uid=7,gid=8", "--mount=volume=e,target=/data",
                ]
            )
            let stat = outcome.facts["stat./data"] ?? ""
            #expect(stat.hasPrefix("mode:40700 uid:7 gid:8"), "\(outcome)")
        }

        @Test func twoAppsShareAVolume() throws {
            let write = ["--exec=/bin/sh", "--", "-c", "echo shared > /data/x", "---"]
            let wait = "until [ -s /data/x ]; do sleep 0.01; done; cat /data/x"
            let outcome = try rkt(
                ["run", "--net=none", "--volume=e,kind=empty", "--mount=volume=e,target=/data"]
                    + [busybox, "--name=a"] + write
                    + [busybox, "--name=b", "--exec=/bin/sh", "--", "-c", wait]
            )
            #expect(outcome.output.contains("shared"), "\(outcome)")
        }

        @Test func anImagesMountPointWithoutVolumeBecomesAnEmptyOne() throws {
            let rkt = try Rkt.with(app: ["mountPoints": [["name": "work", "path": "/work"]]])
            let outcome = try rkt.probe(["--create=/work/x", "--facts=mounts"])
            #expect(outcome.facts["create./work/x"] == "ok", "\(outcome)")
            #expect(outcome.facts["mount./work"] != nil, "\(outcome)")
            #expect(outcome.errors.contains("work"), "\(outcome)")
        }

        @Test(arguments: ["/proc", "/sys", "/sys/fs/cgroup", "/dev", "/dev/shm"])
        func anImagesMountPointWhereThePodHasItsOwnIsIgnored(_ path: String) throws {
            let image = try OCIImage(config: ["Cmd": ["/bin/sh"], "Volumes": [path: [:]]])
            let name = try image.write(in: rkt.scratch)
            let script = "test -c /dev/null && test -d /proc/1 && test -d /sys/kernel && echo all"
            let outcome = try rkt("run", "--net=none", name, "--exec=/bin/sh", "--", "-c", script)
            #expect(outcome.text == "all", "\(outcome)")
            #expect(outcome.errors.contains("\"\(path)\""), "\(outcome)")
            #expect(outcome.errors.contains("is ignored"), "\(outcome)")
        }

        @Test func anImagesMountPointAtTheRootIsIgnored() throws {
            let rkt = try Rkt.with(app: ["mountPoints": [["name": "all", "path": "/"]]])
            let outcome = try rkt.shell("echo here")
            #expect(outcome.text == "here", "\(outcome)")
            #expect(outcome.errors.contains("is ignored"), "\(outcome)")
        }

        /// More entries than the pod's first process has memory for at once, and deep ones.
        @Test func hugeVolumesOfImagesAreCopiedWhole() throws {
            var image = try OCIImage(config: ["Cmd": ["/bin/sh"], "Volumes": ["/data": [:]]])
            var layer = TarArchive()
            layer.add("data/", .directory)
            for number in 0..<20_000 {
                layer.add("data/a-file-with-a-rather-long-name-\(number)", text: "")
            }
            let deep = [String](repeating: "d", count: 40)
            for depth in 1...deep.count {
                layer.add("data/" + deep.prefix(depth).joined(separator: "/") + "/", .directory)
            }
            layer.add("data/" + deep.joined(separator: "/") + "/end", text: "the end\n")
            image.layers.append(layer)
            let script =
                "find /data -type f | wc -l; cat $(find /data -name end); mount | grep -c /data"
            let outcome = try rkt(
                ["run", "--net=none", try image.write(in: rkt.scratch)]
                    + ["--exec=/bin/sh", "--", "-c", script],
                within: 120
            )
            #expect(outcome.lines == ["20001", "the end", "1"], "\(outcome)")
        }

        @Test(arguments: [true, false])
        func volumesOfConvertedImagesBeginWithTheImagesFiles(_ isConverted: Bool) throws {
            var aci = try ACI(
                "example.com/converted",
                app: ["mountPoints": [["name": "data", "path": "/srv"]]]
            )
            aci.archive.add("rootfs/srv/", .directory, mode: 0o750)
            aci.archive.add("rootfs/srv/file", text: "first\n")
            if isConverted {
                aci.overrides["annotations"] = [
                    ["name": "appc.io/docker/repository", "value": "library/x"]
                ]
            }
            try rkt.fetch(try aci.write(in: rkt.scratch))
            let script = ["--exec=/bin/sh", "--", "-c", "stat -c %a /srv; cat /srv/file"]
            let outcome = try rkt(["run", "--net=none", "example.com/converted"] + script)
            #expect(outcome.lines == (isConverted ? ["750", "first"] : ["755"]), "\(outcome)")
            let uuid = try rkt.prepare(["example.com/converted"] + script)
            let later = try rkt("run-prepared", "--net=none", uuid)
            #expect(later.lines == (isConverted ? ["750", "first"] : ["755"]), "\(later)")
            let given = try rkt(
                ["run", "--net=none", "--volume=data,kind=empty", "example.com/converted"] + script
            )
            #expect(given.lines == ["755"], "\(given)")
        }

        @Test func anOperatorsVolumeMayBeAllOfDev() throws {
            let outcome = try rkt.shell(
                "ls -A /dev; wc -c < /proc/keys",
                pod: ["--volume=d,kind=empty", "--mount=volume=d,target=/dev"]
            )
            #expect(outcome.text == "0", "\(outcome)")
        }

        @Test func aReadOnlyEtcStaysAsItIs() throws {
            try rkt.scratch.write("root:x:0:0::/:/bin/sh\n", to: "host/passwd")
            let outcome = try rkt.shell("ls -A /etc", pod: mount(",readOnly=true", at: "/etc"))
            #expect(outcome.lines == ["file", "passwd"], "\(outcome)")
            let asked = try rkt.shell(
                "true",
                pod: ["--dns=192.0.2.1"] + mount(",readOnly=true", at: "/etc")
            )
            #expect(asked.code == 254, "\(asked)")
            #expect(asked.errors.contains("/etc/resolv.conf"), "\(asked)")
        }

        @Test func nothingIsMadeInAHostsEtc() throws {
            #expect(try rkt.shell("true", pod: mount(at: "/etc")).succeeded)
            #expect(rkt.scratch.list("host") == ["file"])
            try rkt.scratch.write("hosts own\n", to: "host/hostname")
            let outcome = try rkt.shell("cat /etc/hostname", pod: mount(at: "/etc"))
            #expect(outcome.text.hasPrefix("rkt-"), "\(outcome)")
            #expect(rkt.scratch.read("host/hostname") == "hosts own\n")
        }

        @Test func aVolumeAtANameFileStays() throws {
            let file = try rkt.scratch.write("mine\n", to: "name")
            let outcome = try rkt.shell(
                "cat /etc/hostname",
                pod: [
                    "--volume=n,kind=host,source=\(file)", "--mount=volume=n,target=/etc/hostname",
                ]
            )
            #expect(outcome.text == "mine", "\(outcome)")
        }

        @Test func aVolumeBindsToTheMountPointOfItsName() throws {
            let point: [String: Any] = ["name": "v", "path": "/point", "readOnly": true]
            let rkt = try Rkt.with(app: ["mountPoints": [point]])
            let volume = "--volume=v,kind=host,source=\(host)"
            let plain = try rkt.probe(["--create=/point/new"], pod: [volume])
            #expect(plain.facts["create./point/new"] == "EROFS", "\(plain)")
            let wins = try rkt.probe(["--create=/point/new"], pod: ["\(volume),readOnly=false"])
            #expect(wins.facts["create./point/new"] == "ok", "\(wins)")
        }

        /// R1: the target is found inside the root file system.
        @Test(arguments: [
            "/data", "data", "/a/b/c", "/../../data", "/abs-link/x", "/rel-link/x", "/out-link/x",
        ])
        func targetsAreResolvedInsideTheRoot(_ target: String) throws {
            var aci = try ACI("example.com/links")
            aci.archive.add("rootfs/abs-link", .symbolicLink, link: "/home")
            aci.archive.add("rootfs/rel-link", .symbolicLink, link: "../home")
            aci.archive.add("rootfs/out-link", .symbolicLink, link: "../../../../home")
            try rkt.fetch(try aci.write(in: rkt.scratch))
            let outcome = try rkt(
                ["run", "--net=none"] + mount(at: target)
                    + ["example.com/links", "--exec=/bin/sh", "--", "-c", "cat '\(target)/file'"]
            )
            #expect(outcome.text == "from the host", "\(outcome)")
            #expect(!File.exists("/home/x"))
        }

        @Test(arguments: [
            "v,kind=host", "v,kind=host,source=relative", "v,kind=none,source=/tmp",
            "v,kind=empty,mode=999", "v,kind=host,source=/tmp,mode=0755", "v,kind=empty,kind=host",
            "v,kind=host,source=/tmp,what=this", "V!,kind=empty",
        ])
        func wrongVolumesAreRefused(_ volume: String) throws {
            let outcome = try rkt.probe(["--exit=0"], pod: ["--volume=\(volume)"])
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func aMissingSourceIsNamed() throws {
            let outcome = try rkt.probe(
                ["--exit=0"],
                pod: ["--volume=v,kind=host,source=/no/such", "--mount=volume=v,target=/data"]
            )
            #expect(!outcome.succeeded)
            #expect(outcome.errors.contains("/no/such"), "\(outcome)")
        }

        /// R19: nothing a pod mounts is seen outside it.
        @Test func noMountOfAPodIsSeenOnTheHost() throws {
            let pod = try rkt.startPod(
                ["--net=none"] + mount() + [busybox, "--exec=/bin/sleep", "--", "60"]
            )
            let mounts = File.read("/proc/self/mountinfo") ?? ""
            #expect(!mounts.contains(rkt.scratch.path))
            try pod.stop()
        }

        @Test func withoutOverlayTheRootIsACopy() throws {
            let outcome = try rkt.probe(["--facts=mounts", "--create=/new"], pod: ["--no-overlay"])
            #expect(outcome.facts["mount./"]?.hasPrefix("overlay") == false, "\(outcome)")
            #expect(outcome.facts["create./new"] == "ok", "\(outcome)")
        }
    }
}
