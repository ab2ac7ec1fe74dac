internal import Linux

/// A pair of interfaces that are the ends of one wire, one here and one in another network namespace.
package struct VethPair: Equatable, Sendable {
    /// One end.
    package struct End: Equatable, Sendable {
        /// The name, at most 15 bytes.
        package var name: String
        /// The hardware address.
        package var hardware: [UInt8]

        /// An end with a name and six bytes of hardware address.
        package init(name: String, hardware: [UInt8]) {
            self.name = name
            self.hardware = hardware
        }
    }

    package var here: End
    package var there: End
    /// The descriptor of the network namespace of the other end.
    package var namespace: Int32

    /// A pair whose second end appears in another namespace.
    package init(here: End, there: End, namespace: Int32) {
        self.here = here
        self.there = there
        self.namespace = namespace
    }
}

/// What the kernel tells about an interface.
package struct Link: Equatable, Sendable {
    package let index: Int32
    package let name: String
    /// Somebody has brought it up.
    package let isUp: Bool
    /// The largest packet it takes.
    package let mtu: UInt32

    /// Reads an answer to ``NetlinkMessage/link(named:)`` or ``NetlinkMessage/links``.
    package init?(_ reply: NetlinkReply) {
        let attributes = reply.attributes(behind: LinkMessage.fixed)
        guard reply.type == LinkMessage.new, let name = attributes.text(LinkMessage.name) else {
            return nil
        }
        index = reply.payload.number(at: 4, Int32.self)
        self.name = name
        isUp = reply.payload.number(at: 8, UInt32.self) & LinkMessage.up != 0
        mtu = attributes.number(LinkMessage.mtu, UInt32.self) ?? 0
    }
}

/// The numbers of `linux/if_link.h` and `linux/veth.h`.
private enum LinkMessage {
    static let (new, delete, get): (UInt16, UInt16, UInt16) = (16, 17, 18)
    /// The size of `struct ifinfomsg`.
    static let fixed = 16
    static let (address, name, mtu): (UInt16, UInt16, UInt16) = (1, 3, 4)
    static let (information, families, namespace): (UInt16, UInt16, UInt16) = (18, 26, 28)
    static let (kind, details, peer): (UInt16, UInt16, UInt16) = (1, 2, 1)
    static let (inet, inet6): (UInt16, UInt16) = (2, 10)
    static let (configuration, generation): (UInt16, UInt16) = (1, 8)
    static let up: UInt32 = 1
}

extension NetlinkMessage {
    /// Makes a pair of interfaces; a name that is taken is an error (`EEXIST`).
    package static func make(_ pair: VethPair) -> NetlinkMessage {
        var message = NetlinkMessage(
            "make the interface \"\(pair.here.name)\"",
            type: LinkMessage.new,
            [.create, .exclusive]
        )
        message.appendLink()
        message.attribute(LinkMessage.name, pair.here.name)
        message.attribute(LinkMessage.address, bytes: pair.here.hardware)
        message.nested(LinkMessage.information) {
            $0.attribute(LinkMessage.kind, "veth")
            $0.nested(LinkMessage.details) {
                $0.nested(LinkMessage.peer) {
                    $0.appendLink()
                    $0.attribute(LinkMessage.name, pair.there.name)
                    $0.attribute(LinkMessage.address, bytes: pair.there.hardware)
                    $0.attribute(LinkMessage.namespace, pair.namespace)
                }
            }
        }
        return message
    }

    /// Asks for an interface.
    package static func link(named name: String) -> NetlinkMessage {
        var message = NetlinkMessage("find the interface \"\(name)\"", type: LinkMessage.get, [])
        message.appendLink()
        message.attribute(LinkMessage.name, name)
        return message
    }

    /// Asks for all interfaces.
    package static var links: NetlinkMessage {
        var message = NetlinkMessage("list interfaces", type: LinkMessage.get, .dump)
        message.appendLink()
        return message
    }

    /// Brings an interface up.
    package static func bringUp(_ index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage("bring up an interface", type: LinkMessage.new, [])
        message.appendLink(index, flags: LinkMessage.up)
        return message
    }

    /// Removes an interface.
    package static func removeLink(named name: String) -> NetlinkMessage {
        var message = NetlinkMessage(
            "remove the interface \"\(name)\"",
            type: LinkMessage.delete,
            []
        )
        message.appendLink()
        message.attribute(LinkMessage.name, name)
        return message
    }

    /// The interface gets no addresses of version 6 but those it is given, sends no redirects, and heeds none of version 4
    /// on a host that forwards.
    package static func leaveAlone(_ index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage("set up an interface", type: LinkMessage.new, [])
        message.appendLink(index)
        message.nested(LinkMessage.families) {
            $0.nested(LinkMessage.inet6) { $0.attribute(LinkMessage.generation, UInt8(1)) }
            $0.nested(LinkMessage.inet) {
                $0.nested(LinkMessage.configuration) {
                    // IPV4_DEVCONF_ACCEPT_REDIRECTS, IPV4_DEVCONF_SEND_REDIRECTS in <linux/ip.h>.
                    $0.attribute(4, UInt32(0))
                    $0.attribute(6, UInt32(0))
                }
            }
        }
        return message
    }

    /// Packets from 127.0.0.0/8 may leave through the interface (`route_localnet`): those of this host that go to a port of
    /// the pod behind it.
    package static func routeLoopback(_ index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage("set up an interface", type: LinkMessage.new, [])
        message.appendLink(index)
        message.nested(LinkMessage.families) {
            $0.nested(LinkMessage.inet) {
                $0.nested(LinkMessage.configuration) {
                    // IPV4_DEVCONF_ROUTE_LOCALNET in <linux/ip.h>.
                    $0.attribute(26, UInt32(1))
                }
            }
        }
        return message
    }

    private mutating func appendLink(_ index: Int32 = 0, flags: UInt32 = 0) {
        append(UInt32(0))
        append(index)
        append(flags)
        append(flags)
    }
}

extension NetlinkSocket {
    /// An interface; nil if there is none of that name.
    package mutating func link(named name: String) throws(NetlinkError) -> Link? {
        do throws(NetlinkError) {
            return Link(try ask(.link(named: name)))
        } catch {
            // ENODEV
            guard error.error == Errno(19) else { throw error }
            return nil
        }
    }

    /// The index of an interface.
    package mutating func index(of interface: String) throws(NetlinkError) -> Int32 {
        let message = NetlinkMessage.link(named: interface)
        guard let link = Link(try ask(message)) else {
            throw NetlinkError(purpose: message.purpose, index: 0, error: .invalidArgument)
        }
        return link.index
    }
}
