/// An address of an interface, as its bytes: 4 for version 4, 16 for version 6.
package struct InterfaceAddress: Equatable, Sendable {
    package var interface: Int32
    package var address: [UInt8]
    /// The length of its network's prefix.
    package var prefix: UInt8

    /// An address of the interface with an index.
    package init(interface: Int32, address: [UInt8], prefix: UInt8) {
        self.interface = interface
        self.address = address
        self.prefix = prefix
    }
}

/// A neighbour whose hardware address is known and needs no asking.
package struct Neighbour: Equatable, Sendable {
    package var interface: Int32
    package var address: [UInt8]
    package var hardware: [UInt8]

    /// A neighbour behind the interface with an index.
    package init(interface: Int32, address: [UInt8], hardware: [UInt8]) {
        self.interface = interface
        self.address = address
        self.hardware = hardware
    }
}

/// The kernel's number of the protocol of an address.
func family(of address: [UInt8]) -> UInt8 { address.count == 4 ? 2 : 10 }

extension NetlinkMessage {
    /// Gives an interface an address.
    ///
    /// The address makes no route, and is usable at once: nobody is asked whether it is taken (`IFA_F_NODAD`).
    package static func add(_ address: InterfaceAddress) -> NetlinkMessage {
        var message = NetlinkMessage("add an address", type: 20, [.create, .exclusive])
        message.append(family(of: address.address))
        message.append(address.prefix)
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(address.interface)
        // IFA_LOCAL, IFA_ADDRESS, IFA_FLAGS
        message.attribute(2, bytes: address.address)
        message.attribute(1, bytes: address.address)
        message.attribute(8, UInt32(0x202))
        return message
    }

    /// Tells an interface where a neighbour is, for good.
    package static func add(_ neighbour: Neighbour) -> NetlinkMessage {
        var message = NetlinkMessage("add a neighbour", type: 28, [.create, .replace])
        message.append(UInt32(family(of: neighbour.address)))
        message.append(neighbour.interface)
        // NUD_PERMANENT, no flags, no type
        message.append(UInt16(0x80))
        message.append(UInt16(0))
        message.attribute(1, bytes: neighbour.address)
        message.attribute(2, bytes: neighbour.hardware)
        return message
    }
}
