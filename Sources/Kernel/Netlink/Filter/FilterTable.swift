/// Where packets meet a chain, of `<linux/netfilter.h>`.
package enum FilterHook: UInt32, Sendable {
    case prerouting = 0
    case input, forward, output, postrouting
}

/// A chain that packets come through.
package struct BaseChain: Equatable, Sendable {
    /// What the rules of a chain may do.
    package enum Kind: String, Sendable {
        case filter
        case nat
    }

    package var name: String
    package var kind: Kind
    package var hook: FilterHook
    /// Chains of smaller numbers come first.
    package var priority: Int32

    /// A chain that lets pass what no rule says anything about.
    package init(_ name: String, _ kind: Kind, _ hook: FilterHook, priority: Int32) {
        self.name = name
        self.kind = kind
        self.hook = hook
        self.priority = priority
    }
}

/// What a field of a key or of a value is, by the numbers of nft(8), which shows it accordingly.
package enum FilterField: UInt32, Sendable {
    case address4 = 7
    case address6 = 8
    case transport = 12
    case port = 13

    /// In a key of several fields each fills whole registers of four bytes.
    var size: Int { self == .address6 ? 16 : 4 }
}

/// A map from keys to values.
package struct FilterMap: Equatable, Sendable {
    package var name: String
    package var key: [FilterField]
    package var value: [FilterField]

    /// A map without elements.
    package init(_ name: String, key: [FilterField], value: [FilterField]) {
        self.name = name
        self.key = key
        self.value = value
    }
}

/// An element of a map, fields as nf_tables keeps them: each in the network's order, filled up to four bytes.
package struct FilterElement: Equatable, Sendable {
    package var key: [UInt8]
    package var value: [UInt8]

    /// A key and what it stands for.
    package init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

extension NetlinkMessage {
    /// Makes a table; one of that name is an error (`EEXIST`).
    package static func addTable(_ name: String) -> NetlinkMessage {
        var message = NetlinkMessage(
            "make the table \"\(name)\"",
            .newTable,
            [.create, .exclusive]
        )
        message.attribute(1, name)
        message.attribute(2, big: UInt32(0))
        return message
    }

    /// Asks for a table; without it the answer is an error (`ENOENT`).
    package static func table(_ name: String) -> NetlinkMessage {
        var message = NetlinkMessage("find the table \"\(name)\"", .getTable, [])
        message.attribute(1, name)
        return message
    }

    /// Removes a table with everything in it.
    package static func removeTable(_ name: String) -> NetlinkMessage {
        var message = NetlinkMessage("remove the table \"\(name)\"", .deleteTable, [])
        message.attribute(1, name)
        return message
    }

    /// Makes a chain.
    package static func add(_ chain: BaseChain, table: String) -> NetlinkMessage {
        var message = NetlinkMessage("make the chain \"\(chain.name)\"", .newChain, .create)
        message.attribute(1, table)
        message.attribute(3, chain.name)
        message.nested(4) {
            $0.attribute(1, big: chain.hook.rawValue)
            $0.attribute(2, big: chain.priority)
        }
        message.attribute(7, chain.kind.rawValue)
        return message
    }

    /// Makes a map.
    ///
    /// - Parameter id: tells the maps of one transaction apart.
    package static func add(_ map: FilterMap, id: UInt32, table: String) -> NetlinkMessage {
        var message = NetlinkMessage("make the map \"\(map.name)\"", .newSet, .create)
        message.attribute(1, table)
        message.attribute(2, map.name)
        // NFT_SET_MAP
        message.attribute(3, big: UInt32(8))
        message.attribute(4, big: map.key.type)
        message.attribute(5, big: map.key.size)
        message.attribute(6, big: map.value.type)
        message.attribute(7, big: map.value.size)
        message.attribute(10, big: id)
        return message
    }

    /// Appends a rule to a chain.
    package static func add(
        _ rule: [FilterExpression],
        chain: String,
        table: String
    )
        -> NetlinkMessage
    {
        // NLM_F_APPEND
        var message = NetlinkMessage(
            "add a rule to the chain \"\(chain)\"",
            .newRule,
            [.create, Flags(rawValue: 0x800)]
        )
        message.attribute(1, table)
        message.attribute(2, chain)
        message.nested(4) { list in
            for expression in rule {
                list.nested(FilterMessage.element) { expression.write(to: &$0) }
            }
        }
        return message
    }

    /// Adds elements to a map; a key that is there with another value is an error (`EEXIST`).
    package static func add(
        _ elements: [FilterElement],
        map: String,
        table: String
    )
        -> NetlinkMessage
    {
        var message = NetlinkMessage(
            "add to the map \"\(map)\"",
            .newElement,
            [.create, .exclusive]
        )
        message.appendElements(elements, map: map, table: table, withValues: true)
        return message
    }

    /// Removes elements by their keys; a key that isn't there is an error (`ENOENT`).
    package static func remove(
        _ elements: [FilterElement],
        map: String,
        table: String
    )
        -> NetlinkMessage
    {
        var message = NetlinkMessage("remove from the map \"\(map)\"", .deleteElement, [])
        message.appendElements(elements, map: map, table: table, withValues: false)
        return message
    }

    /// Asks for all elements of a map.
    package static func elements(ofMap map: String, table: String) -> NetlinkMessage {
        var message = NetlinkMessage("list the map \"\(map)\"", .getElement, .dump)
        message.attribute(1, table)
        message.attribute(2, map)
        return message
    }

    private mutating func appendElements(
        _ elements: [FilterElement],
        map: String,
        table: String,
        withValues: Bool
    ) {
        attribute(1, table)
        attribute(2, map)
        nested(3) { list in
            for element in elements {
                list.nested(FilterMessage.element) { item in
                    item.nested(1) { $0.attribute(1, bytes: element.key) }
                    if withValues {
                        item.nested(2) { $0.attribute(1, bytes: element.value) }
                    }
                }
            }
        }
    }
}

extension FilterElement {
    /// The elements of an answer to ``NetlinkMessage/elements(ofMap:table:)``.
    package static func all(in reply: NetlinkReply) -> [FilterElement] {
        let list = reply.attributes(behind: FilterMessage.fixed).nested(3)?.values ?? []
        return list.compactMap { item in
            let item = NetlinkAttributes(item)
            guard let key = item.nested(1)?[1], let value = item.nested(2)?[1] else { return nil }
            return FilterElement(key: Array(key), value: Array(value))
        }
    }
}

extension [FilterField] {
    /// Types of several fields are put together with six bits each.
    fileprivate var type: UInt32 { reduce(0) { $0 << 6 | $1.rawValue } }
    fileprivate var size: UInt32 { UInt32(reduce(0) { $0 + $1.size }) }
}
