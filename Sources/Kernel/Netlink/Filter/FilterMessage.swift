/// The numbers of `<linux/netfilter/nf_tables.h>`.
enum FilterMessage {
    enum Kind: UInt16 {
        case newTable = 0
        case getTable, deleteTable, newChain, getChain, deleteChain, newRule, getRule, deleteRule
        case newSet, getSet, deleteSet, newElement, getElement, deleteElement

        /// What the header of a message says.
        var type: UInt16 { FilterMessage.subsystem << 8 | rawValue }
    }

    static let subsystem: UInt16 = 10
    /// The size of `struct nfgenmsg`.
    static let fixed = 4
    /// Tables of the family `inet` see both versions of IP.
    static let inet: UInt8 = 1
    static let (begin, end): (UInt16, UInt16) = (16, 17)
    /// An element of a list.
    static let element: UInt16 = 1
}

extension NetlinkMessage {
    init(
        _ purpose: String,
        _ kind: FilterMessage.Kind,
        family: UInt8 = FilterMessage.inet,
        _ flags: Flags
    ) {
        self.init(purpose, type: kind.type, flags)
        append(family)
        append(UInt8(0))
        append(UInt16(0))
    }

    /// Makes changes of the rules one change: all of them are made, or none.
    package static func transaction(_ changes: [NetlinkMessage]) -> [NetlinkMessage] {
        [bracket(FilterMessage.begin)] + changes + [bracket(FilterMessage.end)]
    }

    /// A transaction as it is sent, for whoever sends it later and doesn't read the answer.
    package static func encodedTransaction(_ changes: [NetlinkMessage]) -> [UInt8] {
        transaction(changes).enumerated().flatMap { index, message in
            message.encoded(sequence: UInt32(index + 1), acknowledged: false)
        }
    }

    private static func bracket(_ type: UInt16) -> NetlinkMessage {
        var message = NetlinkMessage("change the firewall's rules", type: type, [])
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(big: FilterMessage.subsystem)
        return message
    }
}

extension NetlinkSocket {
    /// Has the kernel make changes of the rules as one.
    package mutating func change(_ changes: [NetlinkMessage]) throws(NetlinkError) {
        let transaction = NetlinkMessage.transaction(changes)
        do throws(NetlinkError) {
            // The end of a transaction isn't acknowledged by older kernels, the last change is.
            try perform(transaction, acknowledging: transaction.count - 2)
        } catch {
            // The caller counts its own messages.
            throw NetlinkError(
                purpose: error.purpose,
                index: max(0, error.index - 1),
                error: error.error
            )
        }
    }
}
