internal import Linux

extension NetworkHost {
    private static let root = "/proc/sys"
    private static let forwarding4 = "net/ipv4/ip_forward"
    private static let forwarding6 = "net/ipv6/conf/all/forwarding"
    private static let interfaces6 = "net/ipv6/conf"

    /// Lets the host pass on packets between its interfaces, and notes in the data directory what had to be set for that.
    func forward(
        noting data: @autoclosure () throws(NetworkError) -> Directory
    )
        throws(NetworkError)
    {
        let changes = try changes()
        if changes.isEmpty { return }
        for (path, value) in changes {
            try step("set \"\(Self.root)/\(path)\"") { () throws(Errno) in
                do throws(Errno) {
                    let file = try Descriptor.open("\(Self.root)/\(path)", .writeOnly)
                    try file.write(Array(value.utf8))
                } catch {
                    // An interface may have gone in the meantime.
                    guard error == .noSuchFile else { throw error }
                }
            }
        }
        SettingsNote.add(changes.map(\.path), in: try data())
    }

    /// What has to be set, in this order.
    private func changes() throws(NetworkError) -> [(path: String, value: String)] {
        let four = try isOn(Self.forwarding4) ? [] : [(path: Self.forwarding4, value: "1")]
        guard hasVersion6, try !isOn(Self.forwarding6) else { return four }
        return four + (try listeners()).map { ($0, "2") } + [(Self.forwarding6, "1")]
    }

    /// The interfaces that heed advertisements.
    ///
    /// A host that forwards ignores those by which it may have its own default route, unless told otherwise
    /// (`accept_ra` in the kernel's ip-sysctl). Nobody advertises on the loopback interface.
    private func listeners() throws(NetworkError) -> [String] {
        try step("look at the host's interfaces") { () throws(Errno) in
            let directory = try Directory(path: "\(Self.root)/\(Self.interfaces6)")
            return try directory.entries().map(\.name).filter { !["all", "lo"].contains($0) }
                .sorted()
                .map { "\($0)/accept_ra" }
                .filter { (try? directory.readFile($0, limit: 16))?.first == UInt8(ascii: "1") }
                .map { "\(Self.interfaces6)/\($0)" }
        }
    }

    private func isOn(_ path: String) throws(NetworkError) -> Bool {
        try Self.value(path) == "1"
    }

    private static func value(_ path: String) throws(NetworkError) -> String {
        try step("read \"\(root)/\(path)\"") { () throws(Errno) in
            let text = try readHostFile("\(root)/\(path)", limit: 16)
            return String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self)
        }
    }

    /// The settings that `default` depends on: as they are, as they will be, and whether rkt made them so.
    package func settings(dataDirectory: String) -> [HostSetting] {
        let changes = (try? changes()) ?? []
        var noted: [String] = []
        if let data = try? Directory(path: dataDirectory) { noted = SettingsNote.paths(in: data) }
        let fixed = [Self.forwarding4] + (hasVersion6 ? [Self.forwarding6] : [])
        let others = Set(changes.map(\.path) + noted).subtracting(fixed).sorted()
        return (fixed + others).compactMap { (path) -> HostSetting? in
            // An interface that is gone has no settings.
            guard let value = try? Self.value(path) else { return nil }
            let coming = changes.first { $0.path == path }?.value
            return HostSetting(
                path: path,
                value: value,
                coming: coming,
                isSetByRkt: coming == nil && noted.contains(path)
            )
        }
    }
}
