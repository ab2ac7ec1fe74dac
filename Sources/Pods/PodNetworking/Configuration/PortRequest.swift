package import Addresses
package import AppContainer

/// One value of `--port`.
///
/// - `NAME:[HOSTIP:]HOSTPORT`: to the image's port of that name, or to all of them if it has a count;
/// - `[HOSTIP:]HOSTPORT:PODPORT[/tcp|/udp]`: to a port of the pod that no image needs to name.
///
/// An address of version 6 stands in brackets. A port that an image named with digits only is reached by its number.
package struct PortRequest: Equatable, Sendable {
    /// Where in the pod the port leads.
    package enum Target: Equatable, Sendable {
        /// To a port of an image.
        case named(ACName)
        /// To a number.
        case number(UInt16, PortProtocol)
    }

    package let target: Target
    /// The address of the host; nil is all of them.
    package let hostAddress: IPAddress?
    package let hostPort: UInt16

    /// Reads a value.
    package init(_ text: String) throws(NetworkFlagError) {
        var fields = try Self.fields(of: text)
        if fields.count == 3, let address = Self.address(in: fields[0]) {
            // HOSTIP:HOSTPORT:PODPORT
            (hostAddress, fields) = (address, Array(fields[1...]))
        } else if fields.count == 3, let address = Self.address(in: fields[1]) {
            // NAME:HOSTIP:HOSTPORT
            (hostAddress, fields) = (address, [fields[0], fields[2]])
        } else {
            hostAddress = nil
        }
        guard fields.count == 2 else {
            throw .port(
                text,
                reason: "it is neither NAME:[HOSTIP:]HOSTPORT nor [HOSTIP:]HOSTPORT:PODPORT[/udp]"
            )
        }
        if Self.isNumber(fields[0]) {
            hostPort = try Self.port(fields[0], of: text)
            target = try Self.number(fields[1], of: text)
        } else {
            guard let name = try? ACName(String(fields[0])) else {
                throw .port(text, reason: "it begins neither with a port's name nor with a port")
            }
            hostPort = try Self.port(fields[1], of: text)
            target = .named(name)
        }
    }

    private static func number(
        _ field: Substring,
        of text: String
    ) throws(NetworkFlagError) -> Target {
        let parts = field.split(separator: "/", omittingEmptySubsequences: false)
        let kind = parts.count > 1 ? PortProtocol(rawValue: String(parts[1])) : .tcp
        guard parts.count <= 2, let kind else {
            throw .port(text, reason: "the protocol is neither tcp nor udp")
        }
        return .number(try port(parts[0], of: text), kind)
    }

    private static func port(_ field: Substring, of text: String) throws(NetworkFlagError) -> UInt16
    {
        guard isNumber(field), let port = UInt16(field), port > 0 else {
            throw .port(text, reason: "a port is a number between 1 and 65535")
        }
        return port
    }

    private static func isNumber(_ field: Substring) -> Bool {
        !field.isEmpty && field.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    /// The address in a field; of version 6 only in brackets.
    private static func address(in field: Substring) -> IPAddress? {
        guard field.hasPrefix("["), field.hasSuffix("]") else {
            return field.contains(":") ? nil : IPAddress(field)
        }
        let address = IPAddress(field.dropFirst().dropLast())
        return address?.version == .six ? address : nil
    }

    /// What stands between colons outside of brackets.
    private static func fields(of text: String) throws(NetworkFlagError) -> [Substring] {
        var fields: [Substring] = []
        var rest = Substring(text)
        while true {
            var from = rest.startIndex
            if rest.hasPrefix("[") {
                guard let bracket = rest.firstIndex(of: "]") else {
                    throw .port(text, reason: "a bracket is open")
                }
                from = bracket
            }
            guard let colon = rest[from...].firstIndex(of: ":") else { return fields + [rest] }
            fields.append(rest[..<colon])
            rest = rest[rest.index(after: colon)...]
        }
    }
}

/// What is spoken at a port.
package enum PortProtocol: String, Sendable {
    case tcp
    case udp
}

extension PortRequest {
    /// The port as the pod manifest keeps it.
    package var manifestEntry: ExposedPort {
        get throws(ManifestError) {
            let host = hostAddress?.description
            switch target {
            case .named(let name):
                return ExposedPort(name: name, hostPort: hostPort, hostIP: host, podPort: nil)
            case .number(let number, let kind):
                let name = try ACName("\(number)-\(kind.rawValue)")
                let port = Port(name: name, protocol: kind.rawValue, number: number)
                return ExposedPort(name: name, hostPort: hostPort, hostIP: host, podPort: port)
            }
        }
    }
}
