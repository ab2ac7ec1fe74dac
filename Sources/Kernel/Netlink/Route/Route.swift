/// A way to a network.
package struct Route: Equatable, Sendable {
    /// The network's first address, 4 or 16 bytes; all zeros and no length is the way to everything else.
    package var destination: [UInt8]
    package var length: UInt8
    package var interface: Int32
    package var gateway: [UInt8]?
    /// The address that this host uses as its own.
    package var source: [UInt8]?

    /// The number by which routes of rkt are known (`rtm_protocol`).
    package static let owner: UInt8 = 82

    /// A route through an interface.
    package init(
        to destination: [UInt8],
        length: Int,
        interface: Int32,
        gateway: [UInt8]? = nil,
        source: [UInt8]? = nil
    ) {
        self.destination = destination
        self.length = UInt8(clamping: length)
        self.interface = interface
        self.gateway = gateway
        self.source = source
    }
}

/// A route that the kernel told about.
package struct FoundRoute: Equatable, Sendable {
    /// The number of leading bits of the destination.
    package let length: Int
    /// The first address of the destination, 4 or 16 bytes.
    package let destination: [UInt8]
    /// Who made it, as a number of the kernel's.
    package let owner: UInt8
    /// Where it leads: 1 is on to somewhere, 2 to this host; others refuse.
    package let kind: UInt8
    package let interface: Int32?

    /// Reads an answer to ``NetlinkMessage/route(to:)`` or ``NetlinkMessage/routes(_:)``.
    package init?(_ reply: NetlinkReply) {
        guard reply.type == RouteMessage.new, reply.payload.count >= RouteMessage.fixed else {
            return nil
        }
        let attributes = reply.attributes(behind: RouteMessage.fixed)
        let fields = Array(reply.payload.prefix(RouteMessage.fixed))
        length = Int(fields[1])
        owner = fields[5]
        kind = fields[7]
        let zeros = [UInt8](repeating: 0, count: fields[0] == 2 ? 4 : 16)
        destination = attributes[RouteMessage.destination].map(Array.init) ?? zeros
        interface = attributes.number(RouteMessage.output, Int32.self)
        table = attributes.number(RouteMessage.table, UInt32.self) ?? UInt32(fields[4])
    }

    /// The table it stands in; 254 is the main one.
    package let table: UInt32
}

/// The numbers of `linux/rtnetlink.h`.
private enum RouteMessage {
    static let (new, get): (UInt16, UInt16) = (24, 26)
    /// The size of `struct rtmsg`.
    static let fixed = 12
    static let (destination, output, gateway): (UInt16, UInt16, UInt16) = (1, 4, 5)
    static let (metric, source, table): (UInt16, UInt16, UInt16) = (6, 7, 15)
    static let (mainTable, localTable): (UInt8, UInt8) = (254, 255)
    static let (unicast, local): (UInt8, UInt8) = (1, 2)
    static let linkScope: UInt8 = 253
    /// The answer is the route itself, not what becomes of it for one packet.
    static let match: UInt32 = 0x2000
}

extension NetlinkMessage {
    /// Adds a route; one with the same destination is an error (`EEXIST`).
    package static func add(_ route: Route) -> NetlinkMessage {
        var message = NetlinkMessage("add a route", type: RouteMessage.new, [.create, .exclusive])
        // Version 4 tells what is on the wire itself from what lies behind a gateway by the scope.
        let isDirect = route.gateway == nil && route.destination.count == 4
        message.appendRoute(
            family: family(of: route.destination),
            length: route.length,
            scope: isDirect ? RouteMessage.linkScope : 0
        )
        if route.length > 0 {
            message.attribute(RouteMessage.destination, bytes: route.destination)
        }
        message.attribute(RouteMessage.output, route.interface)
        if let gateway = route.gateway {
            message.attribute(RouteMessage.gateway, bytes: gateway)
        }
        if let source = route.source { message.attribute(RouteMessage.source, bytes: source) }
        return message
    }

    /// Answers to `::1` may come through the interface, if they are answers: the kernel only looks for an address of that
    /// kind where it came from, and drops what others send there before it looks.
    ///
    /// The loopback interface's own route has a lower metric. It goes with the interface.
    package static func receiveLoopback(_ index: Int32) -> NetlinkMessage {
        // Not exclusive: each wire has one.
        var message = NetlinkMessage("add a route", type: RouteMessage.new, .create)
        message.appendRoute(
            family: 10,
            length: 128,
            scope: 0,
            table: RouteMessage.localTable,
            kind: RouteMessage.local
        )
        message.attribute(
            RouteMessage.destination,
            bytes: [UInt8](repeating: 0, count: 15) + [1]
        )
        message.attribute(RouteMessage.output, index)
        message.attribute(RouteMessage.metric, UInt32(4096))
        return message
    }

    /// Asks for the route that packets to an address take; without one the answer is an error (`ENETUNREACH`).
    package static func route(to address: [UInt8]) -> NetlinkMessage {
        var message = NetlinkMessage("look up a route", type: RouteMessage.get, [])
        message.append(family(of: address))
        message.append(UInt8(clamping: 8 * address.count))
        for _ in 0..<6 { message.append(UInt8(0)) }
        message.append(RouteMessage.match)
        message.attribute(RouteMessage.destination, bytes: address)
        return message
    }

    /// Asks for all routes of a version; the bytes are those of any of its addresses.
    package static func routes(like address: [UInt8]) -> NetlinkMessage {
        var message = NetlinkMessage("list routes", type: RouteMessage.get, .dump)
        message.append(family(of: address))
        for _ in 0..<7 { message.append(UInt8(0)) }
        message.append(UInt32(0))
        return message
    }

    private mutating func appendRoute(
        family: UInt8,
        length: UInt8,
        scope: UInt8,
        table: UInt8 = RouteMessage.mainTable,
        kind: UInt8 = RouteMessage.unicast
    ) {
        append(family)
        append(length)
        append(UInt8(0))
        append(UInt8(0))
        append(table)
        append(Route.owner)
        append(scope)
        append(kind)
        append(UInt32(0))
    }
}
