/// A register of nf_tables: four bytes, numbered from 0; a longer value fills several.
package struct FilterRegister: Equatable, Sendable {
    let number: UInt32

    /// The register with a number.
    package init(_ number: UInt32) { self.number = number }

    /// `NFT_REG32_00` and the following ones.
    fileprivate var raw: UInt32 { 8 + number }
}

/// One step of a rule: it loads something, compares, or decides.
///
/// A comparison that doesn't hold ends the rule; a verdict ends the way through the chain.
package enum FilterExpression: Equatable, Sendable {
    /// What is known about a packet beside its contents.
    package enum Fact: UInt32, Sendable {
        case inputName = 6
        case outputName = 7
        /// The version of IP: 2 or 10, one byte.
        case family = 15
        /// 6 is TCP, 17 is UDP; one byte.
        case transport = 16
    }

    /// Where in a packet a field is counted from.
    package enum Base: UInt32, Sendable {
        case network = 1
        case transport = 2
    }

    package enum Verdict: Int32, Sendable {
        case drop = 0
        case accept = 1
    }

    package enum Rewriting: UInt32, Sendable {
        case source = 0
        case destination = 1
    }

    case load(Fact, FilterRegister)
    case loadBytes(Base, offset: UInt32, length: UInt32, FilterRegister)
    /// What became of the packet's connection: bits of `enum ip_conntrack_status`.
    case loadStatus(FilterRegister)
    /// Through which interface a packet to the packet's source would leave, by number: zero if it isn't the one it came by.
    case loadWayBack(FilterRegister)
    /// The kind of the destination address: 2 is this host's.
    case loadDestinationKind(FilterRegister)
    /// Keeps some bits.
    case mask(FilterRegister, [UInt8])
    case equal(FilterRegister, [UInt8])
    case different(FilterRegister, [UInt8])
    /// Replaces a key by its value in a map; without one the rule ends.
    case lookUp(FilterRegister, map: String, id: UInt32, FilterRegister)
    /// Puts a constant into a register.
    case constant(FilterRegister, [UInt8])
    /// Rewrites the address, and the port if there is one.
    case rewrite(Rewriting, family: UInt8, address: FilterRegister, port: FilterRegister?)
    /// The source becomes the address of the interface by which the packet leaves.
    case masquerade
    case verdict(Verdict)

    func write(to message: inout NetlinkMessage) {
        switch self {
        case .load(let fact, let register):
            message.expression("meta") {
                $0.attribute(1, big: register.raw)
                $0.attribute(2, big: fact.rawValue)
            }
        case .loadBytes(let base, let offset, let length, let register):
            message.expression("payload") {
                $0.attribute(1, big: register.raw)
                $0.attribute(2, big: base.rawValue)
                $0.attribute(3, big: offset)
                $0.attribute(4, big: length)
            }
        case .loadStatus(let register):
            // NFT_CT_STATUS
            message.expression("ct") {
                $0.attribute(1, big: register.raw)
                $0.attribute(2, big: UInt32(2))
            }
        case .loadWayBack(let register):
            // NFT_FIB_RESULT_OIF of NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF
            message.expression("fib") { $0.fib(register, result: 1, flags: 1 | 8) }
        case .loadDestinationKind(let register):
            // NFT_FIB_RESULT_ADDRTYPE of NFTA_FIB_F_DADDR
            message.expression("fib") { $0.fib(register, result: 3, flags: 2) }
        case .mask(let register, let bits): writeMask(register, bits, to: &message)
        case .equal(let register, let value):
            message.expression("cmp") { $0.compare(register, 0, value) }
        case .different(let register, let value):
            message.expression("cmp") { $0.compare(register, 1, value) }
        case .lookUp(let key, let map, let id, let value):
            message.expression("lookup") {
                $0.attribute(1, map)
                $0.attribute(2, big: key.raw)
                $0.attribute(3, big: value.raw)
                $0.attribute(4, big: id)
            }
        case .constant(let register, let value):
            message.expression("immediate") {
                $0.attribute(1, big: register.raw)
                $0.nested(2) { $0.attribute(1, bytes: value) }
            }
        case .rewrite(let kind, let family, let address, let port):
            message.expression("nat") {
                $0.attribute(1, big: kind.rawValue)
                $0.attribute(2, big: UInt32(family))
                $0.attribute(3, big: address.raw)
                if let port { $0.attribute(5, big: port.raw) }
            }
        case .masquerade: message.expression("masq") { _ in }
        case .verdict(let verdict):
            message.expression("immediate") {
                // NFT_REG_VERDICT
                $0.attribute(1, big: UInt32(0))
                $0.nested(2) { $0.nested(2) { $0.attribute(1, big: verdict.rawValue) } }
            }
        }
    }

    private func writeMask(
        _ register: FilterRegister,
        _ bits: [UInt8],
        to message: inout NetlinkMessage
    ) {
        message.expression("bitwise") {
            $0.attribute(1, big: register.raw)
            $0.attribute(2, big: register.raw)
            $0.attribute(3, big: UInt32(bits.count))
            $0.nested(4) { $0.attribute(1, bytes: bits) }
            $0.nested(5) { $0.attribute(1, bytes: Array(repeating: 0, count: bits.count)) }
        }
    }
}

extension NetlinkMessage {
    fileprivate mutating func expression(
        _ name: String,
        _ body: (inout NetlinkMessage) -> Void
    ) {
        attribute(1, name)
        nested(2, body)
    }

    fileprivate mutating func fib(_ register: FilterRegister, result: UInt32, flags: UInt32) {
        attribute(1, big: register.raw)
        attribute(2, big: result)
        attribute(3, big: flags)
    }

    fileprivate mutating func compare(_ register: FilterRegister, _ how: UInt32, _ value: [UInt8]) {
        attribute(1, big: register.raw)
        attribute(2, big: how)
        nested(3) { $0.attribute(1, bytes: value) }
    }
}
