import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// What `--net` says, as rkt's users know it.
    @Suite struct Choosing {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        private var scratch: Scratch { machine.rkt.scratch }
        private var configuration: String { "--local-config=\(scratch("conf"))" }

        /// A plugin that makes nothing and writes down what it was told; it lies where rkt looks first.
        private func makePlugin() throws {
            try scratch.write(
                """
                #!/bin/sh
                cat >/dev/null
                [ "$CNI_COMMAND" != VERSION ] || exit 0
                echo "$CNI_COMMAND $CNI_IFNAME $CNI_ARGS" >> '\(scratch("told"))'
                [ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"1.0.0","ips":[]}'
                """,
                to: "conf/net.d/recorder"
            )
            try tool("chmod", "755", scratch("conf/net.d/recorder"))
        }

        private func describe(_ file: String, _ name: String) throws {
            let text = #"{"cniVersion":"1.0.0","name":"\#(name)","type":"recorder"}"#
            try scratch.write(text, to: "conf/net.d/\(file)")
        }

        private var told: [String] {
            (scratch.read("told") ?? "").split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }

        @Test func argumentsReachThePluginsOfTheirNetwork() throws {
            try makePlugin()
            try describe("20-a.conf", "a")
            try describe("10-b.conf", "b")
            let outcome = try machine.run(
                [configuration, "--net=a:COLOR=red;SIZE=7", "--net=b"],
                "true"
            )
            #expect(outcome.succeeded, "\(outcome)")
            let added = [
                "ADD eth0", "ADD eth1 IgnoreUnknown=1;COLOR=red;SIZE=7",
            ]
            let removed = added.reversed().map { $0.replacingOccurrences(of: "ADD", with: "DEL") }
            #expect(told == added + removed)
        }

        @Test func allIsEveryFileAndTheBuiltInNetworks() throws {
            try makePlugin()
            try describe("20-a.conf", "a")
            try describe("10-b.conf", "b")
            let outcome = try machine.run(
                [configuration, "--net=all,a:K=V"],
                "/bin/busybox ip -o -4 addr; \(get("10.99.0.2"))"
            )
            #expect(told.prefix(2) == ["ADD eth0", "ADD eth1 IgnoreUnknown=1;K=V"])
            let lines = outcome.lines
            #expect(lines.contains { $0.contains("eth2") && $0.contains("172.31.") }, "\(outcome)")
            #expect(lines.contains { $0.contains("eth3") && $0.contains("172.16.") })
            #expect(lines.last == "you are 10.99.0.1")
        }

        @Test func filesThatDontCountAreToldAbout() throws {
            try makePlugin()
            try describe("10-own.conf", "default")
            try describe("20-own.conf", "default")
            let outcome = try machine.rkt(
                "--debug",
                "run",
                configuration,
                busybox,
                "--exec=/bin/true"
            )
            #expect(outcome.succeeded, "\(outcome)")
            #expect(told.first == "ADD eth0")
            let path = scratch("conf/net.d")
            #expect(
                outcome.errors.contains(
                    "overriding \"default\" network with one from \(path)/10-own.conf"
                ),
                "\(outcome)"
            )
            #expect(
                outcome.errors.contains(
                    "\"default\" network already defined, ignoring \(path)/20-own.conf"
                )
            )
        }

        /// The sentences are rkt's.
        @Test(arguments: [
            ("--net=default,", "netname must not be empty"),
            ("--net=default,default", "found duplicate netname \"default\""),
            ("--net=all:K=V", "arguments are not supported by special netname \"all\""),
            ("--net=host:K=V", "arguments are not supported by special netname \"host\""),
            ("--net=nowhere,default,elsewhere", "networks not found: nowhere, elsewhere"),
        ])
        func whatMakesNoSenseIsRefused(flag: String, sentence: String) throws {
            let outcome = try machine.run([flag], "true")
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains(sentence), "\(outcome)")
            #expect(machine.rkt.pods(in: "run").isEmpty)
        }

        @Test func hostWinsOverNoneAndNoneOverNames() throws {
            let links = "/bin/busybox ip -o link"
            let host = try machine.run(["--net=default,none,host"], links)
            #expect(host.output.contains("wire0"), "\(host)")
            let none = try machine.run(["--net=default", "--net=none"], links)
            #expect(none.lines.count == 1 && none.output.contains("lo:"), "\(none)")
        }
    }
}
