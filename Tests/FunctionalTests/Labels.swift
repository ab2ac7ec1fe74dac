import Foundation
import TestSupport
import Testing

extension Functional {
    /// AppArmor: the engine's profile, others that images choose, and what they forbid.
    @Suite(.requiresAppArmor) struct Labels {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test(arguments: [[], ["--user=1000"], ["--readonly-rootfs=true"]])
        func theLabelIsTheEngines(_ flags: [String]) throws {
            let outcome = try rkt.probe(["--facts=label"], app: flags)
            #expect(outcome.facts["label"] == "rkt-default (enforce)", "\(outcome)")
            #expect(!outcome.errors.contains("AppArmor"), "\(outcome)")
        }

        @Test func anOCIImageHasIt() throws {
            try rkt.fetch(SharedFiles.busyboxOCI.get())
            let outcome = try rkt.probe(["--facts=label"], image: SharedFiles.busyboxOCI.get())
            #expect(outcome.facts["label"] == "rkt-default (enforce)", "\(outcome)")
        }

        @Test func theProfileIsLoadedWhereItIsMissing() throws {
            #expect(try rkt.probe(["--exit=0"]).succeeded)
            try tool("sh", "-c", "echo 'profile rkt-default {}' | apparmor_parser -qR")
            let outcome = try rkt.probe(["--facts=label"])
            #expect(outcome.facts["label"] == "rkt-default (enforce)", "\(outcome)")
        }

        @Test func thePathsOptionTakesItOff() throws {
            let open = try rkt(
                ["--insecure-options=paths", "run", "--net=none", busybox, "--exec=/bin/probe"]
                    + ["--", "--facts=label"]
            )
            #expect(open.facts["label"] == "unconfined", "\(open)")
            let others = try rkt(
                ["--insecure-options=capabilities,seccomp", "run", "--net=none", busybox]
                    + ["--exec=/bin/probe", "--", "--facts=label"]
            )
            #expect(others.facts["label"] == "rkt-default (enforce)", "\(others)")
        }

        @Test func enterHasTheSameUnlessTheOperatorTakesItOff() throws {
            let pod = try rkt.startPod(["--net=none", busybox, "--exec=/bin/sleep", "--", "600"])
            let command = ["enter", pod.uuid, "/bin/probe", "--facts=label"]
            let same = try rkt(command)
            #expect(same.facts["label"] == "rkt-default (enforce)", "\(same)")
            let open = try rkt(["--insecure-options=paths"] + command)
            #expect(open.facts["label"] == "unconfined", "\(open)")
            try pod.stop()
        }

        private func image(choosing profile: String) throws -> Rkt {
            try .with(app: [
                "isolators": [
                    ["name": "os/linux/apparmor-profile", "value": ["profile": profile]]
                ]
            ])
        }

        @Test func anImageChoosesAnotherProfileForPods() throws {
            let name = "rkt-test-\(UUID().uuidString.prefix(8).lowercased())"
            let text = "profile \(name) { file, capability, network, deny /secret r, }"
            try tool("sh", "-c", "echo '\(text)' | apparmor_parser -qKr")
            defer { _ = try? tool("sh", "-c", "echo '\(text)' | apparmor_parser -qR") }
            let outcome = try image(choosing: name).probe([
                "--facts=label", "--create=/secret", "--open=/secret",
            ])
            #expect(outcome.facts["label"] == "\(name) (enforce)", "\(outcome)")
            #expect(outcome.facts["create./secret"] == "ok", "\(outcome)")
            #expect(outcome.facts["open./secret"] == "EACCES", "\(outcome)")
        }

        /// R8: what an image says never takes a protection away.
        @Test(arguments: ["unconfined", "rkt-none", "lsb_release", "rkt-default\nexec unconfined"])
        func anImageCannotChooseLess(_ profile: String) throws {
            let outcome = try image(choosing: profile).probe(["--facts=label"])
            #expect(outcome.code == 254 && outcome.facts["label"] == nil, "\(outcome)")
        }

        /// CAP_SYS_ADMIN mounts nothing: not the devices hierarchy, nor by descriptor.
        @Test func noCapabilityMounts() throws {
            let facts = try rkt.probe(
                ["--attempts"],
                app: ["--caps-retain=CAP_SYS_ADMIN,CAP_SYS_PTRACE,CAP_DAC_OVERRIDE"]
            ).facts
            for name in ["mount", "umount-proc", "pivot-root", "ptrace-init", "init-root"] {
                let error = facts["try.\(name)"]
                #expect(["EACCES", "EPERM"].contains(error), "\(name): \(facts)")
            }
            #expect(facts["try.fsopen"] == "ENOSYS", "\(facts)")
        }

        @Test func processesOfAPodReachEachOther() throws {
            let outcome = try rkt.shell("sleep 600 & kill -9 $! && echo killed")
            #expect(outcome.text == "killed", "\(outcome)")
        }
    }
}
