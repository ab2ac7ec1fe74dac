internal import CNI
internal import JSON
package import Linux

/// What a pod's directory keeps of its interfaces that plugins made, so that they can be given back after a kill or a
/// reboot, whatever became of the network's file.
package struct AttachmentRecords: ~Copyable {
    /// The directory of records below a pod's.
    package static let directory = "net"

    private static let suffix = ".json"

    private let directory: Directory

    /// The records of a pod, whose directory is made if it isn't there.
    package init(making pod: borrowing Directory) throws(PluginError) {
        do throws(Errno) {
            directory = try pod.makingDirectories(Self.directory)
        } catch {
            throw .record(Self.directory, reason: error.description)
        }
    }

    /// The records of a pod; nil if it has none.
    package init?(of pod: borrowing Directory) throws(PluginError) {
        do throws(Errno) {
            directory = try pod.directory(Self.directory)
        } catch {
            if error == .noSuchFile { return nil }
            throw .record(Self.directory, reason: error.description)
        }
    }

    /// The interfaces, in the order in which they were made.
    package func interfaces() throws(PluginError) -> [String] {
        do throws(Errno) {
            return try directory.entries().map(\.name)
                .filter { !$0.hasPrefix(".") && $0.hasSuffix(Self.suffix) }
                .map { String($0.dropLast(Self.suffix.count)) }
                .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        } catch {
            throw .record(Self.directory, reason: error.description)
        }
    }

    /// Writes a record, or a new one over it.
    ///
    /// The first one must survive a power cut: leases of other programs do.
    func write(
        _ attachment: PluginAttachment,
        version: CNIVersion,
        result: NetworkResult? = nil
    ) throws(PluginError) {
        let name = attachment.name.interface + Self.suffix
        let document: JSON
        do throws(CNIError) {
            document = try attachment.document(version: version, result: result)
        } catch {
            throw .request(network: attachment.network.name.text, error)
        }
        do throws(Errno) {
            try directory.replaceFile(
                name,
                document.encodedBytes(.tabs) + [0x0A],
                durable: result == nil
            )
        } catch {
            throw .record(name, reason: error.description)
        }
    }

    /// Reads a record.
    func read(_ interface: String) throws(PluginError) -> AttachmentRecord {
        let name = interface + Self.suffix
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try directory.readFile(name, limit: JSON.sizeLimit)
        } catch {
            throw .record(name, reason: error.description)
        }
        do {
            return try AttachmentRecord(at: JSONCursor(JSON.parse(bytes)))
        } catch {
            throw .record(name, reason: "\(error)")
        }
    }

    /// Removes a record; one that isn't there is fine.
    func remove(_ interface: String) throws(PluginError) {
        do throws(Errno) {
            try directory.remove(interface + Self.suffix)
        } catch {
            if error == .noSuchFile { return }
            throw .record(interface + Self.suffix, reason: error.description)
        }
    }
}

/// An interface with what became of it.
struct AttachmentRecord: Equatable, Sendable {
    var attachment: PluginAttachment
    let version: CNIVersion
    /// What the plugins made; nil while they are at it, and if they were interrupted.
    var result: NetworkResult?

    fileprivate init(at cursor: JSONCursor) throws {
        let version = try cursor.required("cniVersion")
        guard let known = CNIVersion(rawValue: try version.string()) else {
            throw version.invalid("unknown version")
        }
        self.version = known
        attachment = PluginAttachment(
            AttachmentName(
                containerID: try cursor.required("containerID").string(),
                interface: try cursor.required("ifName").string()
            ),
            network: try NetworkConfiguration(document: try cursor.required("config").value),
            namespace: try cursor.required("netns").string(),
            arguments: try cursor.required("args").string(),
            runtime: try RuntimeConfiguration(at: try cursor.required("runtimeConfig"))
        )
        result = try cursor.optional("result").map { try NetworkResult(at: $0) }
    }
}

extension PluginAttachment {
    fileprivate func document(
        version: CNIVersion,
        result: NetworkResult?
    ) throws(CNIError) -> JSON {
        var members: [JSON.Member] = [
            .init("cniVersion", .string(version.rawValue)),
            .init("containerID", .string(name.containerID)),
            .init("ifName", .string(name.interface)),
            .init("netns", .string(namespace)),
            .init("args", .string(arguments)),
            .init("runtimeConfig", runtime.json),
            .init("config", network.document),
        ]
        if let result { members.append(.init("result", try result.json(version))) }
        return .object(members)
    }
}
