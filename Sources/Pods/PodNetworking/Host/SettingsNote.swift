internal import Linux

/// The settings of the host that rkt has changed, for a person who asks: the file `networks/settings` of the data directory.
///
/// It begins with the run of the machine and the network namespace that it is about; of another it says nothing.
enum SettingsNote {
    private static let name = "settings"

    private static var head: String {
        let namespace = try? Directory(path: "/proc/self/ns").readSymbolicLink("net")
        return "\(BootID.current?.text ?? "") \(namespace ?? "")"
    }

    /// The places of the settings below `/proc/sys`.
    static func paths(in data: borrowing Directory) -> [String] {
        let file = "\(Leases.directory)/\(name)"
        guard let bytes = try? data.readFile(file, limit: 1 << 20) else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        return lines.first == head ? Array(lines.dropFirst()) : []
    }

    /// Notes more of them; a pod that starts doesn't depend on it.
    static func add(_ new: [String], in data: borrowing Directory) {
        let lines = [head] + paths(in: data).filter { !new.contains($0) } + new
        let text = lines.map { "\($0)\n" }.joined()
        let directory = try? data.makingDirectories(Leases.directory)
        try? directory?.replaceFile(name, Array(text.utf8), mode: 0o644)
    }
}
