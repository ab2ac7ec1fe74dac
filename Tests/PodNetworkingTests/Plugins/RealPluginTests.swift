import Addresses
import CNI
import Linux
import PodNetworking
import TestSupport
import Testing

/// The plugins that Debian ships, each with a configuration that people use, on machines made of network namespaces.
@Suite(
    .requiresRoot,
    .enabled(if: File.exists("/usr/lib/cni/bridge"), "needs containernetworking-plugins")
)
struct RealPluginTests {
    private let scratch: Scratch
    private let host: TestHost

    init() throws {
        scratch = try Scratch()
        host = try TestHost()
    }

    /// A pod that plugins put on a network of the host.
    private struct Pod {
        let machine: TestHost
        let name: String
        let result: NetworkResult

        func address(_ version: IPAddress.Version = .four) -> String {
            let own = result.addresses.first { $0.prefix.address.version == version }
            return own?.prefix.address.description ?? ""
        }
    }

    private var runtime: PluginRuntime {
        PluginRuntime(PluginSearch(directories: ["/usr/lib/cni"]))
    }

    private func records(_ pod: String) throws -> AttachmentRecords {
        try AttachmentRecords(making: Directory(path: scratch.makeDirectory(pod)))
    }

    /// Does something in the host's network namespace: plugins run where their caller is.
    private func onHost<Result>(_ body: () throws -> Result) throws -> Result {
        let own = try Descriptor.open("/proc/thread-self/ns/net")
        try CurrentProcess.join(Descriptor.open(host.namespace), .network)
        defer { try? CurrentProcess.join(own, .network) }
        return try body()
    }

    private func network(_ text: String) throws -> NetworkConfiguration {
        let form: NetworkConfiguration.Form = text.contains("\"plugins\"") ? .list : .plugin
        let bytes = Array(text.replacing("LEASES", with: scratch.path).utf8)
        return try NetworkConfiguration(parsing: bytes, form: form)
    }

    private func attach(
        _ name: String,
        to network: NetworkConfiguration,
        arguments: String = "",
        runtime told: RuntimeConfiguration = RuntimeConfiguration()
    ) throws -> Pod {
        let machine = try TestHost()
        let attachment = PluginAttachment(
            AttachmentName(containerID: name, interface: "eth0"),
            network: network,
            namespace: machine.namespace,
            arguments: arguments,
            runtime: told
        )
        let result = try onHost {
            let records = try records(name)
            return try runtime.attach(attachment, keeping: records)
        }
        return Pod(machine: machine, name: name, result: result)
    }

    private func check(_ pod: Pod) throws -> Bool {
        try onHost {
            let records = try records(pod.name)
            return try runtime.check("eth0", namespace: pod.machine.namespace, in: records)
        }
    }

    private func detach(_ pod: Pod, isGone: Bool = false) throws {
        try onHost {
            let records = try records(pod.name)
            let namespace = isGone ? nil : pod.machine.namespace
            try runtime.detach("eth0", namespace: namespace, in: records)
            #expect(try records.interfaces().isEmpty)
        }
    }

    /// Serves a page on one machine and reads it from another.
    private func page(
        from client: TestHost,
        _ address: String,
        _ port: Int = 80,
        servedBy server: TestHost
    ) throws -> String {
        try scratch.write("a page\n", to: "www/index.html")
        let httpd = try server.start("exec busybox httpd -f -p 80 -h '\(scratch.path)/www'")
        defer { httpd.signal(15) }
        // busybox's wget resolves names with what a static program lacks.
        let request = "printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n'"
        var text = ""
        _ = eventually {
            let answer = "\(request) | busybox nc -w 5 \(address) \(port) | tail -n 1"
            text = (try? client(answer)) ?? ""
            return !text.isEmpty
        }
        return text
    }

    private func leases(_ network: String) -> [String] {
        scratch.list("leases/\(network)").filter { $0.first?.isHexDigit == true && $0 != "lock" }
            .filter { !$0.hasPrefix("last") }
    }

    private static let bridge = """
        {"cniVersion":"1.0.0","name":"web","plugins":[
          {"type":"bridge","bridge":"web0","isGateway":true,"ipMasq":true,"hairpinMode":true,
           "capabilities":{"ips":true,"mac":true},
           "ipam":{"type":"host-local","dataDir":"LEASES/leases",
            "ranges":[[{"subnet":"10.55.0.0/24"}],[{"subnet":"fd55::/64"}]],
            "routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}},
          {"type":"portmap","capabilities":{"portMappings":true}},
          {"type":"firewall","backend":"iptables"}]}
        """

    @Test
    func bridgeHostLocalPortmapAndFirewall() throws {
        let outside = try host.neighbour()
        try outside("ip route add default via 10.99.0.1")
        let network = try network(Self.bridge)
        var told = RuntimeConfiguration()
        told.portMappings = [.init(hostPort: 8080, containerPort: 80, protocol: "tcp")]
        let web = try attach("web", to: network, runtime: told)
        let client = try attach("client", to: network)
        #expect(web.result.addresses.count == 2)
        #expect(
            try page(from: client.machine, web.address(), servedBy: web.machine)
                == "a page\n"
        )
        #expect(
            try page(from: client.machine, web.address(.six), servedBy: web.machine) == "a page\n"
        )
        #expect(
            try page(from: outside, "10.99.0.1", 8080, servedBy: web.machine) == "a page\n"
        )
        // The firewall's plugin lets through what a pod begins, where the host drops everything else.
        try host("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP")
        // Out through the host's masquerade: the neighbour knows no way back to the pods.
        try outside("ip route del default")
        #expect(
            try page(from: client.machine, "10.99.0.2", servedBy: outside) == "a page\n"
        )
        // This portmap looks for rules of version 4 among those of version 6, so only a pod without ports is checked.
        #expect(try check(client))
        try client.machine("ip addr flush dev eth0")
        #expect(throws: PluginError.self) { try check(client) }
        #expect(leases("web").count == 4)
        try detach(web)
        try detach(client, isGone: true)
        #expect(leases("web").isEmpty)
        let rules = try host("iptables-save; ip6tables-save")
        #expect(!rules.contains("10.55.0.") && !rules.contains("8080"), "\(rules)")
    }

    @Test
    func rktsOwnConfigurationOfOldWithPtpRunsAsItIs() throws {
        let network = try network(
            """
            {"cniVersion":"0.1.0","name":"old","type":"ptp","ipMasq":true,
             "ipam":{"type":"host-local","dataDir":"LEASES/leases","subnet":"172.16.40.0/24",
              "routes":[{"dst":"0.0.0.0/0"}]}}
            """
        )
        let one = try attach("one", to: network)
        let two = try attach("two", to: network, arguments: "IgnoreUnknown=1;IP=172.16.40.77")
        #expect(two.address() == "172.16.40.77")
        #expect(one.result.addresses.first?.gateway?.description == "172.16.40.1")
        #expect(
            try page(from: one.machine, "172.16.40.77", servedBy: two.machine) == "a page\n"
        )
        #expect(try !check(one), "0.1.0 has no check")
        #expect(throws: PluginError.self) {
            try attach("three", to: network, arguments: "IgnoreUnknown=1;IP=172.16.40.77")
        }
        try detach(one)
        try detach(two)
        #expect(leases("old").isEmpty)
        #expect(try !host("ip -o link").contains("veth"))
    }

    @Test
    func ptpOfVersion6() throws {
        let network = try network(
            """
            {"cniVersion":"0.4.0","name":"six","type":"ptp",
             "ipam":{"type":"host-local","dataDir":"LEASES/leases","subnet":"fd56::/64",
              "routes":[{"dst":"::/0"}]},"dns":{"nameservers":["fd56::1"],"search":["pods.test"]}}
            """
        )
        let (one, two) = (try attach("one", to: network), try attach("two", to: network))
        #expect(one.result.nameService.search == ["pods.test"])
        #expect(try page(from: one.machine, two.address(.six), servedBy: two.machine) == "a page\n")
        #expect(try check(one))
        try detach(one)
        try detach(two)
    }

    @Test
    func macvlanWithStaticAddresses() throws {
        let outside = try host.neighbour()
        let network = try network(
            """
            {"cniVersion":"1.0.0","name":"lan","type":"macvlan","master":"wire0","mode":"bridge",
             "capabilities":{"ips":true},"ipam":{"type":"static"}}
            """
        )
        func attach(_ name: String, _ address: String) throws -> Pod {
            var told = RuntimeConfiguration()
            told.addresses = [address]
            return try self.attach(name, to: network, runtime: told)
        }
        let (one, two) = (try attach("one", "10.99.0.11/24"), try attach("two", "10.99.0.12/24"))
        #expect(
            try page(from: one.machine, "10.99.0.12", servedBy: two.machine) == "a page\n"
        )
        #expect(try page(from: outside, "10.99.0.11", servedBy: one.machine) == "a page\n")
        #expect(try check(one))
        try detach(one)
        try detach(two)
        #expect(try !one.machine("ip -o link").contains("eth0"))
    }

    @Test
    func tuningAndBandwidthInAChain() throws {
        let before = try Machine.interfacesBeforePlugins()
        let network = try network(
            """
            {"cniVersion":"1.0.0","name":"slow","plugins":[
              {"type":"bridge","bridge":"slow0","isGateway":true,
               "ipam":{"type":"host-local","dataDir":"LEASES/leases","subnet":"10.57.0.0/24"}},
              {"type":"tuning","mtu":1400,"sysctl":{"net.ipv4.conf.eth0.arp_filter":"1"},
               "capabilities":{"mac":true}},
              {"type":"bandwidth","capabilities":{"bandwidth":true}}]}
            """
        )
        var told = RuntimeConfiguration()
        told.hardwareAddress = "02:11:22:33:44:55"
        var bandwidth = RuntimeConfiguration.Bandwidth()
        (bandwidth.ingressRate, bandwidth.ingressBurst) = (8_000_000, 8_000_000)
        told.bandwidth = bandwidth
        let pod = try attach("pod", to: network, runtime: told)
        let link = try pod.machine("ip -o link show eth0")
        #expect(link.contains("02:11:22:33:44:55") && link.contains("mtu 1400"))
        #expect(try pod.machine("cat /proc/sys/net/ipv4/conf/eth0/arp_filter") == "1\n")
        #expect(try host("tc qdisc show").contains("rate 8Mbit"))
        #expect(
            try page(from: host, pod.address(), servedBy: pod.machine) == "a page\n"
        )
        #expect(try check(pod))
        try detach(pod)
        #expect(leases("slow").isEmpty)
        #expect(File.list("/sys/class/net").sorted() == before)
    }

    @Test(.enabled(if: Machine.has("busybox"), "needs busybox's DHCP server"))
    func addressesOfADHCPServer() throws {
        let server = try host.neighbour()
        let files = scratch.path
        try scratch.write(
            """
            start 10.99.0.100
            end 10.99.0.120
            interface wire0
            pidfile \(files)/udhcpd.pid
            lease_file \(files)/udhcpd.leases
            option subnet 255.255.255.0
            option router 10.99.0.2
            option lease 600
            """,
            to: "udhcpd.conf"
        )
        try scratch.write("", to: "udhcpd.leases")
        let udhcpd = try server.start("exec busybox udhcpd -f '\(files)/udhcpd.conf'")
        let socket = "\(files)/dhcp.sock"
        let daemon = try host.start("exec /usr/lib/cni/dhcp daemon -socketpath '\(socket)'")
        defer {
            daemon.signal(15)
            udhcpd.signal(15)
        }
        #expect(eventually { File.exists(socket) })
        let network = try network(
            """
            {"cniVersion":"1.0.0","name":"lan","type":"macvlan","master":"wire0",
             "ipam":{"type":"dhcp","daemonSocketPath":"\(socket)"}}
            """
        )
        let pod = try attach("pod", to: network)
        #expect(pod.address().hasPrefix("10.99.0.1"))
        #expect(
            try page(from: server, pod.address(), servedBy: pod.machine) == "a page\n"
        )
        try detach(pod)
    }

    @Test
    func failedAdditionLeavesNoLeaseAndNoInterface() throws {
        let network = try network(
            """
            {"cniVersion":"1.0.0","name":"half","plugins":[
              {"type":"bridge","bridge":"half0",
               "ipam":{"type":"host-local","dataDir":"LEASES/leases","subnet":"10.58.0.0/24"}},
              {"type":"tuning","sysctl":{"net.ipv4.conf.nothing.like_this":"1"}}]}
            """
        )
        #expect(throws: PluginError.self) { try attach("pod", to: network) }
        #expect(leases("half").isEmpty)
        #expect(try !host("ip -o link").contains("veth"))
    }
}

extension TestHost {
    /// The path of its network namespace.
    fileprivate var namespace: String { String(prefix[1].dropFirst("--net=".count)) }
}
