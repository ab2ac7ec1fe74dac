import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// How pods find themselves and each other by name.
    @Suite struct Names {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        /// The addresses that a file of hosts has for a name.
        private func addresses(of name: String, in file: String) -> [String] {
            file.split(separator: "\n").map { $0.split(separator: " ") }
                .filter { $0.first?.hasPrefix("#") == false && $0.dropFirst().contains(name[...]) }
                .map { String($0[0]) }
        }

        private func hosts(of pod: BackgroundPod) throws -> String {
            let outcome = try machine.rkt("enter", pod.uuid, "/bin/busybox", "cat", "/etc/hosts")
            try #require(outcome.succeeded, "\(outcome)")
            return outcome.output
        }

        @Test func aPodKnowsItselfByItsAddresses() throws {
            let pod = try machine.start(["--hostname=db"])
            let own = try [pod.address("ip4"), pod.address("ip6")]
            let file = try hosts(of: pod)
            for name in ["db", "rkt-\(pod.uuid)"] {
                #expect(addresses(of: name, in: file) == own, "\(file)")
            }
            #expect(addresses(of: "localhost", in: file) == ["127.0.0.1", "::1"])
            try pod.stop()
        }

        @Test func podsReachEachOtherByName() throws {
            let pod = try machine.start(
                ["--hostname=web"],
                "exec /bin/busybox httpd -f -p 80 -h /etc"
            )
            for name in ["web", "rkt-\(pod.uuid)"] {
                let outcome = try machine.run([], get(name, 80, path: "/hostname"))
                #expect(outcome.text == "web", "\(outcome)")
            }
            // One that was there first finds one that came later, and forgets one that went.
            let later = try machine.start(
                ["--hostname=later"],
                "exec /bin/busybox httpd -f -p 80 -h /etc"
            )
            let script = get("later", 80, path: "/hostname")
            let answer = try machine.rkt("enter", pod.uuid, "/bin/sh", "-c", script)
            #expect(answer.text == "later", "\(answer)")
            try later.stop()
            #expect(addresses(of: "later", in: try hosts(of: pod)).isEmpty)
            try pod.stop()
            #expect(machine.rkt.scratch.list("data/names") == ["default"])
        }

        /// The C library's own lookup, in a file of the size that 2,000 pods make it.
        @Test func aNameIsFoundAmongThoseOfTwoThousandPods() throws {
            let library = "/usr/lib/x86_64-linux-gnu"
            let pod = try machine.start(
                ["--hostname=first", "--volume=usr,kind=host,source=/usr,readOnly=true"]
                    + ["--mount=volume=usr,target=/usr"],
                "echo hosts: files > /etc/nsswitch.conf; exec /bin/busybox sleep 600"
            )
            // As pods add their rows: at the end of a file that the others have mounted.
            let rows = (0..<2000).map { index in
                let address = "10.77.\(index / 250).\(index % 250)"
                let uuid = UUID().uuidString.lowercased()
                return address.padding(toLength: 40, withPad: " ", startingAt: 0)
                    + "pod-\(index)".padding(toLength: 65, withPad: " ", startingAt: 0)
                    + "rkt-\(uuid)\n"
            }
            let file = try #require(
                FileHandle(forWritingAtPath: machine.rkt.scratch("data/names/default"))
            )
            try file.seekToEnd()
            try file.write(contentsOf: Data(rows.joined().utf8))
            try file.close()
            for (name, address) in [
                ("pod-0", "10.77.0.0"), ("pod-1999", "10.77.7.249"),
                ("first", try pod.address("ip4")),
            ] {
                let getent = [
                    "\(library)/ld-linux-x86-64.so.2", "--library-path", library, "/usr/bin/getent",
                ]
                let found = try machine.rkt(["enter", pod.uuid] + getent + ["ahostsv4", name])
                #expect(found.output.hasPrefix("\(address) "), "\(found)")
            }
            // A pod that comes now finds them too.
            let later = try machine.run([], "/bin/busybox grep -c pod- /etc/hosts")
            #expect(later.text == "2000", "\(later)")
            try pod.stop()
        }

        @Test func entriesOfTheOperatorComeFirstAndOthersAreKnown() throws {
            let pod = try machine.start(["--hostname=web"])
            let file = try machine.run(
                ["--hosts-entry=192.0.2.7=web", "--hosts-entry=192.0.2.8=x"],
                "cat /etc/hosts"
            ).output
            let four = try pod.address("ip4")
            #expect(addresses(of: "web", in: file).prefix(2) == ["192.0.2.7", four], "\(file)")
            #expect(addresses(of: "x", in: file) == ["192.0.2.8"])
            let host = try machine.run(["--hosts-entry=host"], "cat /etc/hosts")
            #expect(host.output == File.read("/etc/hosts"))
            #expect(addresses(of: "x", in: try hosts(of: pod)).isEmpty)
            try pod.stop()
        }

        @Test func ofTwoPodsWithANameTheFirstHasIt() throws {
            let pod = try machine.start(["--hostname=db"])
            let second = try machine.run(["--hostname=db"], "cat /etc/hosts")
            #expect(second.succeeded)
            #expect(second.errors.contains("the name \"db\" is pod \"\(pod.uuid)\"'s"), "\(second)")
            let four = try pod.address("ip4")
            #expect(addresses(of: "db", in: try hosts(of: pod)).first == four)
            // It calls itself by its name all the same.
            let known = addresses(of: "db", in: second.output)
            #expect(known.count == 4 && known[2] == four, "\(second)")
            try pod.stop()
            #expect(try !machine.run(["--hostname=db"], "true").errors.contains("the name"))
        }

        @Test(arguments: [true, false])
        func aKilledPodsNameIsFree(isCollected: Bool) throws {
            let keeper = try machine.start(["--hostname=keeper"])
            let pod = try machine.start(["--hostname=db"])
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            if isCollected {
                #expect(try machine.rkt("gc", "--grace-period=0s").succeeded)
                #expect(addresses(of: "db", in: try hosts(of: keeper)).isEmpty)
            }
            let next = try machine.start(["--hostname=db"])
            let own = try [next.address("ip4"), next.address("ip6")]
            #expect(Set(addresses(of: "db", in: try hosts(of: keeper))) == Set(own))
            #expect(addresses(of: "keeper", in: try hosts(of: keeper)).count == 2)
            for pod in [keeper, next] { try pod.stop() }
        }

        @Test func appsCannotChangeNames() throws {
            let outcome = try machine.run([], "echo 192.0.2.1 evil >> /etc/hosts; cat /etc/hosts")
            #expect(!outcome.output.contains("evil"), "\(outcome)")
            #expect(outcome.errors.contains("Read-only file system"), "\(outcome)")
        }

        @Test func restrictedPodsKnowNobodyElse() throws {
            let flags = ["--net=default-restricted"]
            let first = try machine.start(flags + ["--hostname=first"])
            let second = try machine.start(flags + ["--hostname=second"])
            let file = try hosts(of: second)
            #expect(addresses(of: "first", in: file).isEmpty, "\(file)")
            let own = try second.address("ip4", network: "default-restricted")
            #expect(addresses(of: "second", in: file).first == own)
            for pod in [first, second] { try pod.stop() }
        }

        @Test(.enabled(if: File.exists("/usr/lib/cni/bridge"), "needs containernetworking-plugins"))
        func namesOfPluginsNetworksStayThere() throws {
            let scratch = machine.rkt.scratch
            let lan = """
                {"cniVersion":"1.0.0","name":"lan","plugins":[{"type":"bridge","bridge":"lan0",
                 "ipam":{"type":"host-local","dataDir":"\(scratch("leases"))","subnet":"10.61.0.0/24"}}]}
                """
            try scratch.write(lan, to: "conf/net.d/10-lan.conflist")
            let conf = "--local-config=\(scratch("conf"))"
            let inside = try machine.start([conf, "--net=lan", "--hostname=inside"])
            let outside = try machine.start(["--hostname=outside"])
            let both = try machine.start([conf, "--net=lan,default", "--hostname=both"])
            #expect(
                addresses(of: "both", in: try hosts(of: inside))
                    == [try both.address("ip4", network: "lan")]
            )
            #expect(
                addresses(of: "both", in: try hosts(of: outside))
                    == [try both.address("ip4"), try both.address("ip6")]
            )
            #expect(addresses(of: "outside", in: try hosts(of: inside)).isEmpty)
            #expect(addresses(of: "inside", in: try hosts(of: outside)).isEmpty)
            let all = try hosts(of: both)
            for name in ["inside", "outside", "both"] {
                #expect(!addresses(of: name, in: all).isEmpty, "\(all)")
            }
            for pod in [inside, outside] { try pod.stop() }
            #expect(addresses(of: "inside", in: try hosts(of: both)).isEmpty)
            #expect(addresses(of: "outside", in: try hosts(of: both)).isEmpty)
            try both.stop()
        }

        @Test func aFailedStartLeavesNoNameAndNoTable() throws {
            // Something is in the place of a file that the start writes.
            let uuid = try machine.rkt.prepare([busybox, "--exec=/bin/sh", "--", "-c", "true"])
            try FileManager.default.createDirectory(
                atPath: machine.rkt.scratch("data/pods/prepared/\(uuid)/subcgroup"),
                withIntermediateDirectories: false
            )
            let outcome = try machine.rkt("run-prepared", "--hostname=db", uuid)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(machine.rkt.scratch.list("data/networks/default").isEmpty)
            #expect(try machine.host("nft list tables").isEmpty)
            let keeper = try machine.start()
            #expect(addresses(of: "db", in: try hosts(of: keeper)).isEmpty)
            try keeper.stop()
        }
    }
}
