internal import JSON
internal import Linux

/// What `sandbox.d/*.json` in the configuration directories says.
///
///     {"rktKind": "sandbox", "rktVersion": "v1", "defaultCaps": "strict"}
package struct SandboxSettings: Equatable, Sendable {
    /// All apps get the strict profile, whatever their image's format.
    package private(set) var isStrict = false

    /// Reads the files of all directories; a later directory counts more, and absent ones are fine.
    package init(directories: [String]) throws(Stage0Error) {
        for directory in directories {
            let path = directory + "/sandbox.d"
            guard let opened = try Self.open(path) else { continue }
            var settings: [Bool] = []
            for name in try Self.names(in: opened, path) {
                if let isStrict = try Self.read(name, in: opened, path) {
                    settings.append(isStrict)
                }
            }
            guard settings.count <= 1 else {
                throw .configuration(path, reason: "\"defaultCaps\" is set twice")
            }
            isStrict = settings.first ?? isStrict
        }
    }

    private static func open(_ path: String) throws(Stage0Error) -> Directory? {
        do throws(Errno) {
            return try Directory(path: path)
        } catch {
            if error == .noSuchFile { return nil }
            throw .configuration(path, reason: error.description)
        }
    }

    private static func names(
        in directory: borrowing Directory,
        _ path: String
    ) throws(Stage0Error) -> [String] {
        do throws(Errno) {
            return try directory.entries().map(\.name).filter { $0.hasSuffix(".json") }.sorted()
        } catch {
            throw .configuration(path, reason: error.description)
        }
    }

    private static func read(
        _ name: String,
        in directory: borrowing Directory,
        _ path: String
    ) throws(Stage0Error) -> Bool? {
        let file = "\(path)/\(name)"
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try directory.readFile(name, limit: 1 << 20)
        } catch {
            throw .configuration(file, reason: error.description)
        }
        do throws(JSONError) {
            return try isStrict(JSONCursor(JSON.parse(bytes)))
        } catch {
            throw .configuration(file, reason: error.description)
        }
    }

    private static func isStrict(_ file: JSONCursor) throws(JSONError) -> Bool? {
        let kind = try file.required("rktKind")
        guard try kind.string() == "sandbox" else { throw kind.invalid("not \"sandbox\"") }
        let version = try file.required("rktVersion")
        guard try version.string() == "v1" else { throw version.invalid("not \"v1\"") }
        guard let caps = try file.optional("defaultCaps") else { return nil }
        switch try caps.string() {
        case "strict": return true
        case "image": return false
        default: throw caps.invalid("neither \"strict\" nor \"image\"")
        }
    }
}
