import Foundation
import TestSupport
import Testing

extension Functional {
    /// Limits, capabilities and filters asked for by flags and by images.
    @Suite struct Isolators {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func cgroup(_ pod: BackgroundPod, _ v1: String, _ v2: String) -> String? {
            let directories = pod.rkt.scratch.read("data/pods/run/\(pod.uuid)/subcgroup") ?? ""
            for directory in directories.split(separator: "\n") {
                // An app's own limits may be in a directory of its own below the pod's.
                let places =
                    [String(directory)] + File.list(String(directory)).map { "\(directory)/\($0)" }
                for place in places.reversed() {
                    let file = Machine.hasPureCgroupV2 ? "\(place)/\(v2)" : "\(place)/\(v1)"
                    if let value = File.read(file), !value.hasPrefix("max"),
                        !value.hasPrefix("9223372036854"), !value.hasPrefix("-1")
                    {
                        return value.trimmingCharacters(in: .whitespacesAndNewlines)
                    }
                }
            }
            return nil
        }

        private func sleeper(_ flags: [String]) throws -> BackgroundPod {
            try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/sleep"] + flags + ["--", "600"]
            )
        }

        @Test func memoryIsLimited() throws {
            let pod = try sleeper(["--memory=42Mi"])
            #expect(cgroup(pod, "memory.limit_in_bytes", "memory.max") == "\(42 << 20)")
            try pod.stop()
            let outcome = try rkt.probe(["--allocate=200", "--exit=0"], app: ["--memory=32Mi"])
            #expect(outcome.code == 137, "\(outcome)")
        }

        @Test func processorTimeIsLimited() throws {
            let pod = try sleeper(["--cpu=250m"])
            let quota = cgroup(pod, "cpu.cfs_quota_us", "cpu.max")
            #expect(quota?.hasPrefix("25000") == true, "\(quota ?? "none")")
            try pod.stop()
        }

        @Test func processesAreLimited() throws {
            let outcome = try rkt.probe(["--fork=5000"])
            #expect(outcome.facts["fork-refusal"] == "EAGAIN", "\(outcome)")
            #expect((Int(outcome.facts["forks"] ?? "") ?? 0) < 4096)
        }

        @Test(arguments: ["16m", "4095", "-1", "x", "1Q1"])
        func wrongAmountsAreRefused(_ memory: String) throws {
            let outcome = try rkt.probe(["--exit=0"], app: ["--memory=\(memory)"])
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func cgroupsGoWithThePod() throws {
            let pod = try sleeper([])
            let file = rkt.scratch.read("data/pods/run/\(pod.uuid)/subcgroup") ?? ""
            let directories = file.split(separator: "\n").map(String.init)
            #expect(!directories.isEmpty && directories.allSatisfy { File.exists($0) }, "\(file)")
            try pod.stop()
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(!directories.contains { File.exists($0) })
        }

        @Test func theAppSeesOnlyItsOwnCgroup() throws {
            let outcome = try rkt.probe(["--facts=cgroup"])
            let paths = (outcome.facts["cgroup"] ?? "").split(separator: ";")
                .compactMap { $0.split(separator: ":", omittingEmptySubsequences: false).last }
            #expect(!paths.contains { $0.contains("..") }, "\(outcome)")
        }

        @Test func capabilitiesFollowTheFlags() throws {
            let retained = try rkt.probe(
                ["--facts=capabilities"],
                app: ["--caps-retain=CAP_CHOWN,CAP_NET_ADMIN"]
            )
            #expect(retained.facts["caps.bounding"] == "0000000000001001", "\(retained)")
            let removed = try rkt.probe(["--facts=capabilities"], app: ["--caps-remove=CAP_CHOWN"])
            #expect(removed.facts["caps.bounding"] == "00000000a80425fa", "\(removed)")
        }

        @Test(arguments: [
            ["--caps-retain=CAP_NOPE"], ["--caps-retain="],
            ["--caps-retain=CAP_CHOWN", "--caps-remove=CAP_KILL"], ["--seccomp=mode=what,read"],
            ["--seccomp=read"], ["--seccomp=mode=remove"], ["--seccomp=mode=remove,errno=x,read"],
            ["--oom-score-adj=1001"], ["--cpu-shares=1"], ["--cpu=x"],
        ])
        func wrongIsolatorsAreRefused(_ flags: [String]) throws {
            let outcome = try rkt.probe(["--exit=0"], app: flags)
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func imagesCapabilitiesHoldUnlessAFlagSaysOtherwise() throws {
            let isolator: [String: Any] = [
                "name": "os/linux/capabilities-retain-set", "value": ["set": ["CAP_KILL"]],
            ]
            let rkt = try Rkt.with(app: ["isolators": [isolator]])
            let image = try rkt.probe(["--facts=capabilities"])
            #expect(image.facts["caps.bounding"] == "0000000000000020", "\(image)")
            let flag = try rkt.probe(["--facts=capabilities"], app: ["--caps-retain=CAP_CHOWN"])
            #expect(flag.facts["caps.bounding"] == "0000000000000001", "\(flag)")
        }

        @Test func noNewPrivilegesFollowsTheImage() throws {
            for value in [true, false] {
                let isolator: [String: Any] = [
                    "name": "os/linux/no-new-privileges", "value": value,
                ]
                let rkt = try Rkt.with(app: ["isolators": [isolator]])
                let outcome = try rkt.probe(["--facts=security"])
                #expect(outcome.facts["no_new_privs"] == (value ? "1" : "0"), "\(outcome)")
            }
        }

        @Test func filtersFollowTheFlags() throws {
            let refused = try rkt.probe(
                ["--create=/x", "--mknod=/y:c:1:3"],
                app: ["--seccomp=mode=remove,errno=ENOSYS,mknod,mknodat"]
            )
            #expect(refused.facts["create./x"] == "ok", "\(refused)")
            #expect(refused.facts["mknod./y:c:1:3"] == "ENOSYS", "\(refused)")
            let all = try rkt.probe(
                ["--facts=security"],
                app: ["--seccomp=mode=retain,@appc.io/all"]
            )
            #expect(all.facts["seccomp"] == "0", "\(all)")
        }

        @Test(arguments: [
            "mode=retain,@rkt/default-whitelist", "mode=remove,@rkt/default-blacklist",
            "mode=retain,@docker/default-whitelist", "mode=remove,@docker/default-blacklist",
            "mode=remove,@systemd/mount,@systemd/clock", "mode=remove,@appc.io/empty",
        ])
        func namedSetsWork(_ value: String) throws {
            let outcome = try rkt.probe(
                ["--facts=security", "--attempts"],
                app: ["--seccomp=\(value)"]
            )
            #expect(outcome.facts["seccomp"] == "2", "\(outcome)")
            #expect(outcome.facts["try.mount"] != "ok", "\(outcome)")
        }

        @Test func theScoreForMemoryShortageIsSet() throws {
            let outcome = try rkt.probe(["--facts=oom"], app: ["--oom-score-adj=500"])
            #expect(outcome.facts["oom_score_adj"] == "500", "\(outcome)")
        }
    }
}
