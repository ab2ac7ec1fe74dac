internal import PodLifecycle

/// The names and hardware addresses of a wire between host and pod, all made of the pod's UUID.
struct WireNames: Equatable {
    /// The host's end: `rkt`, the network's letter, 10 digits of the UUID and the interface's number; 15 characters.
    let hostName: String
    let podName: String
    /// Both are locally administered unicast addresses.
    let hostHardware: [UInt8]
    let podHardware: [UInt8]

    /// How all interfaces of rkt on the host begin.
    static let prefix = "rkt"

    static func prefix(of network: BuiltInNetwork) -> String { prefix + String(network.letter) }

    init(uuid: PodUUID, network: BuiltInNetwork, interface number: Int) {
        let digits = uuid.description.filter { $0 != "-" }
        hostName = Self.prefix(of: network) + digits.prefix(10) + String(number)
        podName = "eth\(number)"
        var bytes = stride(from: 10, to: 20, by: 2).map { at -> UInt8 in
            let start = digits.index(digits.startIndex, offsetBy: at)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
        bytes[4] ^= UInt8(truncatingIfNeeded: number)
        hostHardware = [0x02] + bytes
        podHardware = [0x06] + bytes
    }
}
