import TestSupport
import Testing

extension Functional {
    /// `/etc/resolv.conf`, `/etc/hosts` and the host's name.
    @Suite struct NamesAndHosts {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func cat(_ file: String, _ flags: [String]) throws -> String {
            let outcome = try rkt.shell("cat /etc/\(file)", pod: flags)
            try #require(outcome.succeeded, "\(outcome)")
            return outcome.output
        }

        @Test func resolversAreWrittenAsAsked() throws {
            let file = try cat(
                "resolv.conf",
                ["--dns=8.8.8.8,2001:db8::1", "--dns=9.9.9.9", "--dns-search=a.example"]
                    + ["--dns-search=b.example", "--dns-opt=debug", "--dns-domain=c.example"]
            )
            let lines = file.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(
                lines == [
                    "search a.example b.example", "nameserver 8.8.8.8", "nameserver 2001:db8::1",
                    "nameserver 9.9.9.9", "options debug", "domain c.example",
                ]
            )
        }

        @Test func resolversCanBeTheHosts() throws {
            #expect(try cat("resolv.conf", ["--dns=host"]) == File.read("/etc/resolv.conf"))
        }

        @Test(arguments: [
            ["--dns=host", "--dns=8.8.8.8"], ["--dns=none", "--dns-search=x"], ["--dns=8.8.8"],
            ["--dns=example.com"], ["--hosts-entry=x"], ["--hosts-entry=1.2.3=x"],
            ["--hosts-entry=host", "--hosts-entry=1.2.3.4=x"],
            ["--hostname=" + String(repeating: "n", count: 65)],
        ])
        func mistakesAreRefused(_ flags: [String]) throws {
            let outcome = try rkt.shell("true", pod: flags)
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func hostsAreAdded() throws {
            let file = try cat(
                "hosts",
                ["--hosts-entry=1.2.3.4=a,1.2.3.4=b", "--hosts-entry=::9=c"]
            )
            #expect(file.contains("127.0.0.1"))
            #expect(file.contains("1.2.3.4 a b\n"), "\(file)")
            #expect(file.contains("::9 c\n"), "\(file)")
        }

        @Test func hostsCanBeTheHosts() throws {
            #expect(try cat("hosts", ["--hosts-entry=host"]) == File.read("/etc/hosts"))
        }

        @Test func theImagesHostsAreKept() throws {
            var aci = try ACI()
            aci.archive.add("rootfs/etc/hosts", text: "127.0.0.1 localhost mine\n")
            let rkt = try Rkt([try aci.write(in: rkt.scratch)])
            let outcome = try rkt.shell("cat /etc/hosts")
            #expect(outcome.output.contains("mine"), "\(outcome)")
        }

        @Test func theNameIsMadeFromTheUUIDUnlessGiven() throws {
            let plain = try rkt.shell("hostname; cat /etc/hostname")
            let uuid = try #require(rkt.pods(in: "run").first)
            #expect(plain.lines == ["rkt-\(uuid)", "rkt-\(uuid)"], "\(plain)")
            let named = try rkt.shell("hostname; cat /etc/hostname", pod: ["--hostname=chosen"])
            #expect(named.lines == ["chosen", "chosen"], "\(named)")
            #expect(try tool("hostname") != "chosen")
        }

        @Test func mountsAreLinkedWhereProgramsLook() throws {
            #expect(
                try rkt.probe(["--link=/etc/mtab"]).facts["link./etc/mtab"] == "../proc/self/mounts"
            )
        }
    }
}
