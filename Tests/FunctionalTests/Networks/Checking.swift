import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// `rkt network check`: what somebody has broken is named.
    @Suite struct Checking {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        private var scratch: Scratch { machine.rkt.scratch }
        private var configuration: String { "--local-config=\(scratch("conf"))" }

        private func check(_ arguments: String...) throws -> Outcome {
            try machine.rkt(["network", "check", configuration] + arguments)
        }

        /// Runs a script in the pod's network namespace.
        private func inside(_ pod: BackgroundPod, _ script: String) throws {
            let pid = try #require(pod.pid(of: "busybox"))
            try tool("nsenter", "-t", "\(pid)", "-n", "/bin/sh", "-e", "-c", script)
        }

        @Test(arguments: [
            ("", "ip addr del $FOUR/20 dev eth0", "the pod's address $FOUR is missing"),
            ("", "ip addr del $SIX/64 dev eth0", "the pod's address $SIX is missing"),
            ("", "ip route del default", "the pod's default route is missing"),
            ("", "ip link set eth0 down", "the pod's interface \"eth0\" is missing or down"),
            ("host", "ip route del $FOUR", "the host's route to $FOUR is missing"),
            ("host", "nft delete table inet rkt", "table inet rkt"),
        ])
        func whatABuiltInNetworkLacksIsNamed(place: String, script: String, fault: String) throws {
            let pod = try machine.start()
            let (four, six) = (try pod.address("ip4"), try pod.address("ip6"))
            func filled(_ text: String) -> String {
                text.replacingOccurrences(of: "$FOUR", with: four)
                    .replacingOccurrences(of: "$SIX", with: six)
            }
            let before = try check("--no-legend", pod.uuid)
            #expect(before.succeeded && before.text.hasSuffix("\tdefault\teth0\tok"), "\(before)")
            if place.isEmpty {
                try inside(pod, filled(script))
            } else {
                try machine.host(filled(script))
            }
            let after = try check()
            #expect(after.code == 254 && after.text.hasSuffix("broken"), "\(after)")
            #expect(after.errors.contains("network \"default\" (eth0)"), "\(after)")
            #expect(after.errors.contains(filled(fault)), "\(after)")
            try pod.stop()
        }

        @Test(
            .enabled(if: File.exists("/usr/lib/cni/bridge"), "needs containernetworking-plugins"),
            arguments: [
                ("", "ip addr flush dev eth0"), ("", "ip route del default"),
                ("host", "ip link del lan0"), ("host", "iptables -F CNI-FORWARD"),
            ]
        )
        func pluginsSayWhatIsBroken(place: String, script: String) throws {
            let lan = """
                {"cniVersion":"1.0.0","name":"lan","plugins":[
                 {"type":"bridge","bridge":"lan0","isGateway":true,
                  "ipam":{"type":"host-local","dataDir":"\(scratch("leases"))","subnet":"10.61.0.0/24",
                   "routes":[{"dst":"0.0.0.0/0"}]}},
                 {"type":"firewall"}]}
                """
            try scratch.write(lan, to: "conf/net.d/10-lan.conflist")
            let pod = try machine.start([configuration, "--net=default-restricted,lan"])
            let before = try check("--format=json")
            #expect(before.succeeded, "\(before)")
            #expect(before.output.components(separatedBy: #""state":"ok""#).count == 3, "\(before)")
            if place.isEmpty { try inside(pod, script) } else { try machine.host(script) }
            let after = try check("--format=json", pod.uuid)
            #expect(after.code == 254, "\(after)")
            let plugin = script.hasPrefix("iptables") ? "firewall" : "bridge"
            let text = "network \"lan\" (eth0): plugin \"\(plugin)\" failed (CHECK): "
            #expect(after.errors.contains(text), "\(after)")
            #expect(after.output.contains(#""network":"lan","interface":"eth0","state":"broken""#))
            #expect(
                after.output.contains(
                    #""network":"default-restricted","interface":"eth1","state":"ok""#
                )
            )
            try pod.stop()
        }

        @Test(arguments: [
            (#""cniVersion":"0.3.1""#, "unknown"),
            (#""cniVersion":"1.0.0","disableCheck":true"#, "unknown"),
            (#""cniVersion":"0.4.0""#, "ok"),
        ])
        func pluginsAreAskedWhereTheyMayBe(members: String, state: String) throws {
            try scratch.write(
                #"{\#(members),"name":"quiet","type":"quiet"}"#,
                to: "conf/net.d/quiet.conf"
            )
            let script = "#!/bin/sh\n[ $CNI_COMMAND != ADD ] || echo '{}'\n"
            try scratch.write(script, to: "conf/net.d/quiet", mode: 0o755)
            let pod = try machine.start([configuration, "--net=quiet"])
            let outcome = try check("--no-legend")
            #expect(outcome.succeeded && outcome.text.hasSuffix(state), "\(outcome)")
            try pod.stop()
        }

        @Test func onlyRunningPodsAreChecked() throws {
            let alone = try machine.start(["--net=none"])
            let nothing = try check("--format=json", alone.uuid)
            #expect(nothing.succeeded && nothing.text == "[]", "\(nothing)")
            try alone.stop()
            let ended = try check(alone.uuid)
            #expect(ended.code == 254 && ended.errors.contains("isn't currently running"))
            #expect(try check().succeeded)
        }
    }
}
