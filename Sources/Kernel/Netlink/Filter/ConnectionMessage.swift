/// Messages about the connections that the kernel keeps track of, as `<linux/netfilter/nfnetlink_conntrack.h>` lays them
/// out.
///
/// A kernel that can't forget by a filter (before 6.8) refuses them and forgets nothing.
extension NetlinkMessage {
    // NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE
    private static let delete: UInt16 = 1 << 8 | 2

    /// Forgets the connections of which an address of a pod's answers.
    ///
    /// Whoever goes on sending datagrams would otherwise send them there for as long as he does, whatever becomes of the rules.
    package static func forgetConnections(answeredBy address: [UInt8]) -> NetlinkMessage {
        var message = forgetting(family: address.count == 4 ? 2 : 10)
        // CTA_TUPLE_REPLY, CTA_TUPLE_IP, CTA_IP_V4_SRC or CTA_IP_V6_SRC
        message.nested(2) {
            $0.nested(1) { $0.attribute(address.count == 4 ? 1 : 3, bytes: address) }
        }
        message.filter(original: 0, reply: 1 << 0)
        return message
    }

    /// Forgets where datagrams to a port went that were neither translated nor answered.
    ///
    /// - Parameter family: the version of IP, as in `<sys/socket.h>`.
    package static func forgetUnanswered(port: UInt16, family: UInt8) -> NetlinkMessage {
        var message = forgetting(family: family)
        // CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, CTA_PROTO_NUM, CTA_PROTO_DST_PORT
        message.nested(1) { tuple in
            tuple.nested(2) {
                $0.attribute(1, bytes: [17])
                $0.attribute(3, big: port)
            }
        }
        // CTA_STATUS and its mask: none of IPS_SEEN_REPLY, IPS_SRC_NAT, IPS_DST_NAT.
        message.attribute(3, big: UInt32(0))
        message.attribute(26, big: UInt32(0x32))
        message.filter(original: 1 << 3 | 1 << 5, reply: 0)
        return message
    }

    /// The message as it is sent, alone.
    package var encodedAlone: [UInt8] { encoded(sequence: 1, acknowledged: false) }

    private static func forgetting(family: UInt8) -> NetlinkMessage {
        var message = NetlinkMessage("forget connections", type: delete, [])
        message.append(family)
        message.append(UInt8(0))
        message.append(UInt16(0))
        return message
    }

    /// CTA_FILTER: which parts of the tuples count.
    private mutating func filter(original: UInt32, reply: UInt32) {
        nested(25) {
            $0.attribute(1, original)
            $0.attribute(2, reply)
        }
    }
}
