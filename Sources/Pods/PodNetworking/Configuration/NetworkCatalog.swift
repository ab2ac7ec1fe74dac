package import CNI
internal import JSON
internal import Linux

/// The networks that pods of this host can be on: the built-in ones and those of the administrator's `net.d`.
package struct NetworkCatalog: Equatable, Sendable {
    /// One network.
    package struct Entry: Equatable, Sendable {
        package let name: String
        /// The name of its file, by which networks are ordered; a built-in network has the name of its file in rkt.
        package let fileName: String
        /// The path of its file and what it says; nil for a built-in network.
        package let file: File?
    }

    /// A file that describes a network.
    package struct File: Equatable, Sendable {
        package let path: String
        package let configuration: NetworkConfiguration
    }

    /// The networks in the order of their files' names, each name once.
    package let entries: [Entry]
    /// What is worth telling about files that don't count, one sentence each.
    package let remarks: [String]
    /// The files that can't be used, and why.
    package let broken: [String]

    /// The directory of networks below a directory of configuration.
    package static let directory = "net.d"

    private static let fileLimit = 1024

    /// Reads the networks of the administrator's directory of configuration, usually `/etc/rkt`.
    ///
    /// An absent directory is fine; a file that can't be used only matters to those who ask for its network.
    package init(configuration directory: String) throws(NetworkCatalogError) {
        let path = "\(directory)/\(Self.directory)"
        self.init(files: try Self.files(path))
    }

    init(files: [(path: String, Result<NetworkConfiguration, CNIError>)]) {
        var entries: [Entry] = []
        var (remarks, broken): ([String], [String]) = ([], [])
        for (path, result) in files {
            guard case .success(let configuration) = result else {
                if case .failure(let error) = result { broken.append("\(quoted(path)): \(error)") }
                continue
            }
            let name = configuration.name.text
            guard !entries.contains(where: { $0.name == name }) else {
                remarks.append("\(quoted(name)) network already defined, ignoring \(path)")
                continue
            }
            if Self.builtIn.contains(where: { $0.name == name }) {
                remarks.append("overriding \(quoted(name)) network with one from \(path)")
            }
            let fileName = String(path.split(separator: "/").last ?? "")
            let file = File(path: path, configuration: configuration)
            entries.append(Entry(name: name, fileName: fileName, file: file))
        }
        for network in Self.builtIn where !entries.contains(where: { $0.name == network.name }) {
            entries.append(network)
        }
        self.entries = entries.sorted { Self.precedes($0.fileName, $1.fileName) }
        self.remarks = remarks
        self.broken = broken
    }

    /// What a pod can be on without any configuration.
    private static let builtIn = ["default", "default-restricted"]
        .map { Entry(name: $0, fileName: "99-\($0).conf", file: nil) }

    /// Bytes decide, whatever the language of the host.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

extension NetworkCatalog {
    private static func files(
        _ path: String
    ) throws(NetworkCatalogError) -> [(path: String, Result<NetworkConfiguration, CNIError>)] {
        let names = try names(in: path)
        guard names.count <= fileLimit else { throw .tooMany(path, limit: fileLimit) }
        var files: [(path: String, Result<NetworkConfiguration, CNIError>)] = []
        for name in names {
            let file = "\(path)/\(name)"
            // An administrator may link from here to where a network is kept.
            let bytes: [UInt8]
            do throws(Errno) {
                bytes = try readHostFile(file, limit: CNILimits.document)
            } catch {
                throw .file(file, error)
            }
            files.append((file, Result(parsing: bytes, form: form(name) ?? .plugin)))
        }
        return files
    }

    private static func names(in path: String) throws(NetworkCatalogError) -> [String] {
        do throws(Errno) {
            return try Directory(path: path).entries().map(\.name).filter { form($0) != nil }
                .sorted(by: precedes)
        } catch {
            if error == .noSuchFile { return [] }
            throw .directory(path, error)
        }
    }

    private static func form(_ name: String) -> NetworkConfiguration.Form? {
        if name.hasPrefix(".") { return nil }
        if name.hasSuffix(".conflist") { return .list }
        return name.hasSuffix(".conf") ? .plugin : nil
    }
}

extension Result<NetworkConfiguration, CNIError> {
    fileprivate init(parsing bytes: [UInt8], form: NetworkConfiguration.Form) {
        do throws(CNIError) {
            self = .success(try NetworkConfiguration(parsing: bytes, form: form))
        } catch {
            self = .failure(error)
        }
    }
}
