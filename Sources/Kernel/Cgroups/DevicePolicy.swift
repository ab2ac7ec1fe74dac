/// Which devices a pod may open.
package enum DevicePolicy: Equatable, Sendable {
    /// All: the operator switched the protection off.
    case unrestricted
    /// The devices every pod has, and these.
    case closed(allowing: [DeviceRule])

    /// The rules to enforce; nil for none.
    var rules: [DeviceRule]? {
        switch self {
        case .unrestricted: nil
        case .closed(let extra): DeviceRule.standard + extra
        }
    }
}

/// A device and what a pod may do with it.
package struct DeviceRule: Equatable, Sendable {
    /// The two kinds of device nodes.
    package enum Kind: Equatable, Sendable {
        case character
        case block
    }

    /// What may be done, as `devices.rst` lists it.
    package struct Access: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        // The bits are BPF_DEVCG_ACC_* of linux/bpf.h.
        package static let makeNode = Access(rawValue: 1)
        package static let read = Access(rawValue: 2)
        package static let write = Access(rawValue: 4)
        package static let all: Access = [.makeNode, .read, .write]
    }

    package let kind: Kind
    package let major: UInt32
    /// Nil for every device of the major number.
    package let minor: UInt32?
    package let access: Access

    package init(_ kind: Kind, major: UInt32, minor: UInt32?, access: Access = .all) {
        self.kind = kind
        self.major = major
        self.minor = minor
        self.access = access
    }

    /// null, zero, full, random, urandom, tty, console, ptmx and the pseudo terminals.
    static let standard =
        [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2)]
        .map { DeviceRule(.character, major: $0, minor: $1) }
        + [DeviceRule(.character, major: 136, minor: nil)]

    /// The rule as version 1's `devices.allow` takes it, for example `c 1:3 rwm`.
    var legacyEntry: String {
        var letters = ""
        if access.contains(.read) { letters += "r" }
        if access.contains(.write) { letters += "w" }
        if access.contains(.makeNode) { letters += "m" }
        let type = kind == .character ? "c" : "b"
        return "\(type) \(major):\(minor.map(String.init) ?? "*") \(letters)"
    }
}
