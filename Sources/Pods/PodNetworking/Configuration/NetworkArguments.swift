package import CNI

/// What stands behind a network's name in `--net`: `K=V;K2=V2`.
package struct NetworkArguments: Equatable, Sendable {
    /// One key with its value.
    package struct Argument: Equatable, Sendable {
        package let key: String
        package let value: String
    }

    /// All of them in their order, each key once.
    package let all: [Argument]

    /// The keys that limit how much a pod sends and receives; plugins are told these as a capability only.
    private static let rates = ["ingressRate", "ingressBurst", "egressRate", "egressBurst"]

    /// No arguments.
    package init() { all = [] }

    /// Reads them.
    init(_ text: Substring, of network: String) throws(NetworkFlagError) {
        var all: [Argument] = []
        for item in text.split(separator: ";", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(isInKey),
                parts[1].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw .argument(network: network, String(item)) }
            let argument = Argument(key: String(parts[0]), value: String(parts[1]))
            guard !all.contains(where: { $0.key == argument.key }) else {
                throw .argument(network: network, String(item))
            }
            if Self.rates.contains(argument.key), bitRate(argument.value) == nil {
                throw .argument(network: network, String(item))
            }
            all.append(argument)
        }
        self.all = all
    }

    /// The value of a key.
    package subscript(_ key: String) -> String? { all.first { $0.key == key }?.value }

    /// Whether there are none.
    package var isEmpty: Bool { all.isEmpty }

    /// The arguments as they were written.
    package var text: String { all.map { "\($0.key)=\($0.value)" }.joined(separator: ";") }

    /// The value of `CNI_ARGS`.
    ///
    /// Plugins of one chain know different keys: each must pass over those of the others.
    package var pluginArguments: String {
        var told = all.filter { !Self.rates.contains($0.key) }
        if !told.isEmpty, self["IgnoreUnknown"] == nil {
            told.insert(Argument(key: "IgnoreUnknown", value: "1"), at: 0)
        }
        return told.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
    }

    /// Adds what the arguments tell plugins that declare a capability: `IP` is `ips`, `MAC` is `mac`, rates are `bandwidth`.
    package func add(to runtime: inout RuntimeConfiguration) {
        if let address = self["IP"] { runtime.addresses = [address] }
        runtime.hardwareAddress = self["MAC"]
        if all.contains(where: { Self.rates.contains($0.key) }) {
            var bandwidth = RuntimeConfiguration.Bandwidth()
            bandwidth.ingressRate = rate("ingressRate")
            bandwidth.ingressBurst = rate("ingressBurst")
            bandwidth.egressRate = rate("egressRate")
            bandwidth.egressBurst = rate("egressBurst")
            runtime.bandwidth = bandwidth
        }
    }

    private func rate(_ key: String) -> UInt64 { self[key].flatMap(bitRate) ?? 0 }
}

private func isInKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "."):
        true
    default: false
    }
}

/// Reads bits a second such as `500k`, `10M` or `1G`, in powers of 1000; nil for anything else and for zero.
private func bitRate(_ text: String) -> UInt64? {
    let units: [Character: UInt64] = ["k": 1000, "M": 1_000_000, "G": 1_000_000_000]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard !digits.hasPrefix("+"), let number = UInt64(digits), number > 0 else { return nil }
    let (rate, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return overflow || rate > UInt64(Int64.max) ? nil : rate
}
