import Foundation
import TestSupport
import Testing

/// A firewall on a test's host that lets nobody in and passes nothing on.
///
/// The real programs keep what they know in files of the test's own.
final class HostFirewall: Sendable {
    /// Who makes the rules.
    enum Kind: String, CaseIterable, Sendable {
        /// A table of one's own whose chains drop what no rule accepts.
        case dropping
        /// One whose chains end with a rule that rejects.
        case rejecting
        case iptables
        /// What Docker makes of the host's forwarding.
        case docker
        case ufw
        case firewalld

        var isInstalled: Bool {
            switch self {
            case .dropping, .rejecting, .iptables, .docker: true
            case .ufw: Machine.has("ufw")
            case .firewalld: Machine.has("firewalld") && Machine.has("dbus-daemon")
            }
        }

        static let installed = allCases.filter(\.isInstalled)
    }

    private let machine: NetworkFixture
    /// Programs that the test stands in front of.
    private let programs: Scratch
    private let services: [Execution]

    init(_ kind: Kind, on machine: NetworkFixture) throws {
        self.machine = machine
        let scratch = try Scratch()
        programs = scratch
        for name in ["iptables", "ip6tables"] {
            try scratch.write("#!/bin/sh\nexec \(name)-nft \"$@\"\n", to: name, mode: 0o755)
        }
        services = kind == .firewalld ? try Self.startFirewalld(scratch, machine.host) : []
        switch kind {
        case .dropping: try run(Self.nft(policy: "drop", forward: "", end: ""))
        case .rejecting:
            let known = "ct state established,related accept;"
            try run(Self.nft(policy: "accept", forward: known, end: "reject;"))
        case .iptables: try run(Self.iptables)
        case .docker: try run(Self.docker)
        case .ufw:
            try Self.installUFW(scratch)
            try run("ufw --force enable")
        case .firewalld: break
        }
    }

    deinit {
        for service in services {
            service.signal(SIGKILL)
            _ = service.finished()
        }
    }

    /// Runs commands on the host as its administrator does.
    @discardableResult
    func run(_ script: String) throws -> String {
        try machine.host("PATH='\(programs.path)':$PATH\n\(script)")
    }

    /// Runs the commands that a warning tells.
    func follow(_ warning: String) throws {
        let commands = warning.split(separator: "\n").compactMap { line in
            line.firstRange(of: ":   ").map { String(line[$0.upperBound...]) }
        }
        try #require(!commands.isEmpty, "\(warning)")
        try run(commands.joined(separator: "\n"))
    }

    /// All rules but rkt's, without what they have counted.
    func rules() throws -> String {
        try machine.host(
            "nft list tables | grep -v 'inet rkt$' | while read table; do nft -s list $table; done"
        )
    }

    private static func nft(policy: String, forward: String, end: String) -> String {
        """
        nft -f - <<'END'
        table inet filter {
            chain input {
                type filter hook input priority filter; policy \(policy);
                ct state established,related accept
                iifname "lo" accept
                meta l4proto { icmp, ipv6-icmp } accept
                \(end)
            }
            chain forward {
                type filter hook forward priority filter; policy \(policy);
                \(forward) \(end)
            }
        }
        END
        """
    }

    private static let iptables = """
        for four in iptables ip6tables; do
            $four -P INPUT DROP
            $four -P FORWARD DROP
            $four -A INPUT -i lo -j ACCEPT
            $four -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        done
        iptables -A INPUT -p icmp -j ACCEPT
        ip6tables -A INPUT -p ipv6-icmp -j ACCEPT
        """

    private static let docker = """
        for four in iptables ip6tables; do
            $four -P FORWARD DROP
            $four -N DOCKER-USER
            $four -A DOCKER-USER -j RETURN
            $four -A FORWARD -j DOCKER-USER
            $four -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            $four -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
        done
        """

    /// ufw knows its files by fixed names, so each command has a view of the file system in which those are the test's.
    private static func installUFW(_ scratch: Scratch) throws {
        try tool("cp", "-a", "/etc/ufw", try scratch.makeDirectory("etc"))
        try tool("sh", "-c", "cp /usr/share/ufw/iptables/* '\(scratch("etc/ufw"))'")
        // From Debian's package, whatever this machine's administrator made of it.
        let settings = try #require(scratch.read("etc/ufw/ufw.conf"))
        try scratch.write(
            settings.replacingOccurrences(of: "ENABLED=yes", with: "ENABLED=no"),
            to: "etc/ufw/ufw.conf"
        )
        let view = """
            mount --bind '\(scratch("etc/ufw"))' /etc/ufw
            mount -t tmpfs none /run
            exec /usr/sbin/ufw "$@"
            """
        try scratch.write(view, to: "view")
        try scratch.write(
            "#!/bin/sh\nexec unshare --mount sh -e '\(scratch("view"))' \"$@\"\n",
            to: "ufw",
            mode: 0o755
        )
    }

    /// Both services speak to each other, and to the command, on a bus of the test's own.
    private static func startFirewalld(_ scratch: Scratch, _ host: TestHost) throws -> [Execution] {
        try scratch.write(
            """
            <busconfig><type>system</type><listen>unix:path=\(scratch("bus"))</listen>
            <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
            </busconfig>
            """,
            to: "bus.conf"
        )
        let address = "DBUS_SYSTEM_BUS_ADDRESS='unix:path=\(scratch("bus"))'"
        let settings = try scratch.makeDirectory("settings")
        try scratch.write(
            "#!/bin/sh\n\(address) exec /usr/bin/firewall-cmd \"$@\"\n",
            to: "firewall-cmd",
            mode: 0o755
        )
        let bus = try host.start(
            "exec dbus-daemon --config-file='\(scratch("bus.conf"))' --nofork --nopidfile"
        )
        guard eventually({ File.exists(scratch("bus")) }) else {
            throw ToolFailure(outcome: bus.finished(within: 1))
        }
        let options = "--nofork --nopid --log-target=console --system-config='\(settings)'"
        let daemon = try host.start("\(address) exec firewalld \(options)")
        let asks = "'\(scratch("firewall-cmd"))' --state"
        guard eventually(within: 30, { (try? host(asks)) == "running\n" }) else {
            throw ToolFailure(outcome: daemon.finished(within: 1))
        }
        return [daemon, bus]
    }
}
