internal import CLinux
package import Linux

/// What the kernel refused.
package struct NetlinkError: Error, Equatable, CustomStringConvertible {
    /// What was asked for.
    package let purpose: String
    /// Its place among the messages that were sent together.
    package let index: Int
    package let error: Errno

    package var description: String { "cannot \(purpose): \(error)" }
}

/// A conversation with one part of the kernel, in the network namespace in which it was opened.
///
/// The kernel does everything while a message is sent: answers are there when sending returns.
package struct NetlinkSocket: ~Copyable {
    /// A part of the kernel.
    package enum Family: Int32, Sendable {
        /// Interfaces, addresses, routes and neighbours: `rtnetlink(7)`.
        case route = 0
        /// Firewall rules: nf_tables.
        case filter = 12
    }

    private let descriptor: Descriptor
    private var sequence: UInt32 = 1

    /// Opens a conversation.
    ///
    /// The corresponding system call is `socket(AF_NETLINK)`.
    package init(_ family: Family) throws(NetlinkError) {
        do throws(Errno) {
            descriptor = Descriptor(owning: try check(linux_netlink(family.rawValue)))
        } catch {
            throw NetlinkError(purpose: "open a netlink socket", index: 0, error: error)
        }
    }

    /// Has the kernel do what the messages say, in order.
    ///
    /// rtnetlink goes on behind a message that it refuses; the first refusal is thrown when all are through.
    package mutating func perform(_ messages: [NetlinkMessage]) throws(NetlinkError) {
        try perform(messages, acknowledging: messages.count - 1)
    }

    /// Also the last refusal is followed by an acknowledgement, so there is always an answer.
    mutating func perform(
        _ messages: [NetlinkMessage],
        acknowledging last: Int
    ) throws(NetlinkError) {
        guard !messages.isEmpty else { return }
        let first = sequence
        var bytes: [UInt8] = []
        for (index, message) in messages.enumerated() {
            bytes += message.encoded(sequence: sequence, acknowledged: index == last)
            sequence &+= 1
        }
        try send(bytes, for: messages[0])
        while let datagram = try receive(wait: false, for: messages[0]) {
            for reply in NetlinkReply.all(in: datagram) where reply.type == NetlinkReply.error {
                let index = Int(reply.sequence &- first)
                guard let error = reply.refusal, messages.indices.contains(index) else { continue }
                let purpose = messages[index].purpose
                throw NetlinkError(purpose: purpose, index: index, error: error)
            }
        }
    }

    /// Sends a ready transaction about rules, without listening to what the kernel says about it.
    package func send(transaction: [UInt8]) throws(NetlinkError) {
        try send(transaction, for: NetlinkMessage("change the firewall's rules", type: 0, []))
    }

    /// Asks for one thing.
    package mutating func ask(_ message: NetlinkMessage) throws(NetlinkError) -> NetlinkReply {
        let replies = try answers(to: message, until: { $0.type != NetlinkReply.done })
        guard let reply = replies.first else { throw refused(message, .invalidArgument) }
        return reply
    }

    /// Asks for everything of a kind.
    package mutating func list(_ message: NetlinkMessage) throws(NetlinkError) -> [NetlinkReply] {
        try answers(to: message, until: { $0.type == NetlinkReply.done })
            .filter { $0.type != NetlinkReply.done }
    }

    private mutating func answers(
        to message: NetlinkMessage,
        until isLast: (NetlinkReply) -> Bool
    ) throws(NetlinkError) -> [NetlinkReply] {
        let own = sequence
        sequence &+= 1
        try send(message.encoded(sequence: own, acknowledged: false), for: message)
        var replies: [NetlinkReply] = []
        while let datagram = try receive(wait: true, for: message) {
            for reply in NetlinkReply.all(in: datagram) where reply.sequence == own {
                if reply.type == NetlinkReply.error, let error = reply.refusal {
                    throw refused(message, error)
                }
                replies.append(reply)
                if isLast(reply) { return replies }
            }
        }
        return replies
    }

    private func send(_ bytes: [UInt8], for message: NetlinkMessage) throws(NetlinkError) {
        do throws(Errno) {
            let number = descriptor.number
            try check(unsafe linux_netlink_send(number, bytes, bytes.count))
        } catch {
            throw refused(message, error)
        }
    }

    /// What the kernel sends at once when it lists, and more than the acknowledgement of one message.
    private static let (largestList, largestAnswer) = (64 << 10, 8 << 10)

    private func receive(
        wait: Bool,
        for message: NetlinkMessage
    ) throws(NetlinkError) -> [UInt8]? {
        let number = descriptor.number
        do throws(Errno) {
            var buffer = [UInt8](repeating: 0, count: wait ? Self.largestList : Self.largestAnswer)
            let count = try check(
                unsafe buffer.withUnsafeMutableBytes {
                    unsafe linux_netlink_receive(number, $0.baseAddress, $0.count, wait ? 1 : 0)
                }
            )
            buffer.removeLast(buffer.count - count)
            return buffer
        } catch {
            if !wait, error == .wouldBlock { return nil }
            throw refused(message, error)
        }
    }

    private func refused(_ message: NetlinkMessage, _ error: Errno) -> NetlinkError {
        NetlinkError(purpose: message.purpose, index: 0, error: error)
    }
}

extension NetlinkReply {
    /// The error of an acknowledgement; nil if it says that all is well.
    fileprivate var refusal: Errno? {
        let number = payload.number(at: 0, Int32.self)
        return number < 0 ? Errno(-number) : nil
    }
}
