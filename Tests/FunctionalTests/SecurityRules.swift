import Foundation
import TestSupport
import Testing

extension Functional {
    /// The rules of `Documentation/security.md` that a running pod shows, by their numbers.
    @Suite struct SecurityRules {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        /// Runs a command line of the shell in which `$RKT` is the engine with its data directory.
        private func script(_ text: String, within seconds: Double = 30) throws -> Outcome {
            let rkt = "RKT='\(Rkt.program) --dir=\(rkt.data)'; "
            return try Execution(["/bin/sh", "-c", rkt + text]).finished(within: seconds)
        }

        /// An image whose root has one more entry; busybox is all else that is in it.
        private func image(_ name: String, _ plant: (inout TarArchive) -> Void) throws -> String {
            var archive = TarArchive()
            archive.add("rootfs/", .directory)
            archive.add("rootfs/bin/", .directory)
            archive.add("rootfs/bin/true", contents: try #require(File.data("/bin/busybox")))
            plant(&archive)
            let aci = ACI("example.com/\(name)", archive: archive)
            try rkt.fetch(try aci.write(in: rkt.scratch, as: "\(name).aci"))
            return "example.com/\(name)"
        }

        @Test("R1: links of an image take none of the engine's files outside")
        func linksStayInside() throws {
            let outside = try rkt.scratch.makeDirectory("outside")
            for (index, file) in ["hosts", "resolv.conf", "hostname", "mtab"].enumerated() {
                let name = try image("link\(index)") {
                    $0.add("rootfs/etc/", .directory)
                    $0.add("rootfs/etc/\(file)", .symbolicLink, link: "\(outside)/\(file)")
                }
                let outcome = try rkt(
                    ["run", "--net=none", "--dns=1.2.3.4", "--hosts-entry=host", name]
                        + ["--exec=/bin/true"]
                )
                #expect(!outcome.isTimedOut, "\(outcome)")
            }
            #expect(rkt.scratch.list("outside").isEmpty)
        }

        @Test("R2: a link in the place of a kernel file system is no mount target")
        func linksAreNoMountTargets() throws {
            for (index, directory) in ["proc", "sys", "dev"].enumerated() {
                let name = try image("mount\(index)") {
                    $0.add("rootfs/\(directory)", .symbolicLink, link: "/bin")
                }
                let outcome = try rkt("run", "--net=none", name, "--exec=/bin/true")
                #expect(outcome.code == 254, "\(outcome)")
                #expect(outcome.errors.contains("symbolic link"), "\(outcome)")
            }
        }

        @Test("R2: a false null device unmasks nothing (CVE-2025-31133)")
        func aFalseNullDeviceIsNotUsed() throws {
            let name = try image("null") {
                $0.add("rootfs/dev/", .directory)
                $0.add("rootfs/dev/null", .symbolicLink, link: "/proc/sys/kernel/core_pattern")
                $0.add("rootfs/bin/cat", .symbolicLink, link: "true")
            }
            let outcome = try rkt(
                ["run", "--net=none", name, "--exec=/bin/cat", "--", "/proc/keys"]
            )
            #expect(outcome.output.isEmpty, "\(outcome)")
        }

        @Test(
            "R3: the programs that enter a pod load nothing",
            .requires("readelf"),
            arguments: ["rkt", "stage1"]
        )
        func programsAreStatic(_ name: String) throws {
            let path = name == "rkt" ? Rkt.program : "\(Rkt.dist)/lib/rkt/\(name)"
            let headers = try tool("readelf", "-lW", path)
            #expect(!headers.contains("INTERP"), "\(headers)")
        }

        /// Without the AppArmor profile, which doesn't even let it look.
        @Test("R4: nothing that the caller left open is kept in the pod")
        func inheritedDescriptorsGoNoFurther() throws {
            let secret = try rkt.scratch.write("x", to: "secret")
            let outcome = try script(
                """
                exec 7<'\(secret)'
                $RKT --insecure-options=paths run --net=none \(busybox) \
                --caps-retain=CAP_SYS_PTRACE,CAP_DAC_READ_SEARCH \
                --exec=/bin/sh -- -c 'for f in /proc/1/fd/* /proc/self/fd/*; do readlink $f; done'
                """
            )
            #expect(outcome.output.contains("memfd"), "\(outcome)")
            #expect(!outcome.output.contains("secret"), "\(outcome)")
        }

        @Test("R4: a pod runs without the caller's streams", arguments: ["1>&-", "0<&- 1>&- 2>&-"])
        func missingStreams(_ closed: String) throws {
            let run = "$RKT run --net=none \(busybox) --exec=/bin/probe -- --exit=7 \(closed)"
            #expect(try script(run).code == 7)
        }

        @Test("R4: a working directory is never reached through a descriptor (CVE-2024-21626)")
        func workingDirectoriesAreReal() throws {
            let descriptors = (3..<16).map { "/proc/self/fd/\($0)/../.." }
            for path in descriptors + ["/proc/1/root", "/proc/self/cwd"] {
                let outcome = try rkt.shell("pwd", app: ["--working-dir=\(path)"])
                #expect(outcome.code == 254, "\(path): \(outcome)")
            }
        }

        @Test("R5: not even a tracing app reaches the host through PID 1")
        func thePodsFirstProcessIsEmpty() throws {
            // Without the AppArmor profile, which doesn't even let it look.
            let outcome = try rkt(
                ["--insecure-options=paths", "run", "--net=none", busybox, "--exec=/bin/probe"]
                    + ["--caps-retain=CAP_SYS_PTRACE,CAP_DAC_OVERRIDE,CAP_SYS_ADMIN", "--"]
                    + ["--list=/proc/1/root", "--open-write=/proc/1/exe", "--link=/proc/1/exe"]
            )
            #expect(outcome.facts["list./proc/1/root"] == "", "\(outcome)")
            #expect(outcome.facts["write./proc/1/exe"]?.hasPrefix("E") == true, "\(outcome)")
            #expect(outcome.facts["link./proc/1/exe"]?.contains("memfd:") == true, "\(outcome)")
        }
    }
}
