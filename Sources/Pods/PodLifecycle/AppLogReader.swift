package import Linux

/// Reads the log of one app from its oldest file to the newest, and on while the app still writes.
package final class AppLogReader {
    private static let newest = "0.log"
    private static let chunk = 64 << 10

    private let app: String
    private let directory: Directory
    private var file: Descriptor
    private var inode: UInt64
    private var buffer: [UInt8] = []
    private var position = 0
    private var head: LogEntry?

    /// Opens the log of an app; nil if it has none (yet).
    package init?(app: String, in pod: borrowing ObservedPod) throws(PodError) {
        do throws(Errno) {
            directory = try pod.directory.directory("\(PodFile.logs)/\(app)")
            guard let oldest = try Self.files(in: directory).first else { return nil }
            file = try directory.open(oldest, .nonBlocking)
            inode = try file.status().inode
            self.app = app
        } catch {
            if error == .noSuchFile { return nil }
            throw .read(pod.uuid, file: "\(PodFile.logs)/\(app)", reason: error.description)
        }
    }

    /// Adds what happens to the log to what is watched.
    package func watch(with watch: borrowing Watch) throws(Errno) {
        try watch.add(directory.descriptor, [.modified, .appeared])
    }

    /// The next entry, not taken by asking; nil when everything that was written so far is read.
    package func peek() throws(Errno) -> LogEntry? {
        while head == nil, let line = try nextLine() {
            head = LogEntry(app: app, criLine: line)
        }
        return head
    }

    /// Takes the entry that was peeked at.
    package func advance() { head = nil }

    private func nextLine() throws(Errno) -> ArraySlice<UInt8>? {
        while true {
            let rest = buffer[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                position = end + 1
                return rest[..<end]
            }
            buffer.removeFirst(position)
            position = 0
            let more = try file.read(upTo: Self.chunk)
            if more.isEmpty, try !openNext() { return nil }
            buffer += more
        }
    }

    /// Goes on to the file that was begun after the current one.
    private func openNext() throws(Errno) -> Bool {
        let files = try Self.files(in: directory)
        let current = files.lastIndex { (try? directory.status(of: $0).inode) == inode }
        // A file that is gone was rotated away: the oldest that is left comes next.
        let next = current.map { $0 + 1 } ?? 0
        guard next < files.count, let found = try? directory.open(files[next], .nonBlocking) else {
            return false
        }
        // What was written to the old file before its end came is read first.
        let rest = try file.read(upTo: Self.chunk)
        if !rest.isEmpty {
            buffer += rest
            return true
        }
        inode = try found.status().inode
        file = found
        buffer = []
        return true
    }

    /// The files from the oldest to the newest: `0.log.2`, `0.log.1`, `0.log`.
    private static func files(in directory: borrowing Directory) throws(Errno) -> [String] {
        let names = try directory.entries().map(\.name)
        let rotated = names.compactMap { name in
            name.hasPrefix(newest + ".") ? Int(name.dropFirst(newest.utf8.count + 1)) : nil
        }
        return rotated.sorted(by: >).map { "\(newest).\($0)" }
            + (names.contains(newest) ? [newest] : [])
    }
}
