internal import Configuration
internal import Linux

/// Where pods and images lie: `--dir`, else what the configuration says, else root's place or the user's own.
package enum DataDirectory {
    static let ofRoot = "/var/lib/rkt"

    /// The absolute path; a given directory that exists comes with its links resolved.
    package static func path(_ options: GlobalOptions) throws(CommandError) -> String {
        var given = options.directory
        if given == nil { given = try configured(options) }
        guard let given else { return try standard() }
        guard !given.isEmpty else { throw .usage("--dir is empty") }
        if let real = try realPath(of: given) { return real }
        if given.hasPrefix("/") { return given }
        return (try realPath(of: ".") ?? "") + "/" + given
    }

    /// What `paths.d` says; root's place is none for an ordinary user, whose own configuration counts alone.
    private static func configured(_ options: GlobalOptions) throws(CommandError) -> String? {
        let isRoot = CurrentProcess.effectiveUser == 0
        let directories = isRoot ? options.configurationDirectories : options.userDirectories
        do throws(ConfigurationError) {
            return try Configuration(directories: directories, kinds: [.paths]).paths.data
        } catch { throw .failed(error.description) }
    }

    private static func standard() throws(CommandError) -> String {
        if CurrentProcess.effectiveUser == 0 { return ofRoot }
        // The XDG specification ignores a relative path.
        if let data = Environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/rkt" }
        if let home = Environment["HOME"], home.hasPrefix("/") { return home + "/.local/share/rkt" }
        throw .usage("neither XDG_DATA_HOME nor HOME is set; say --dir=DIRECTORY")
    }

    /// The path of a directory without links on its way; nil if there is none.
    private static func realPath(of path: String) throws(CommandError) -> String? {
        guard let directory = try? Directory(path: path),
            let real = try? Directory(path: "/proc/self/fd")
                .readSymbolicLink(String(directory.descriptor.number))
        else { return nil }
        // Text that had to be repaired names another directory, or none.
        let found = try? Directory(path: real).descriptor.status().inode
        guard let found, found == (try? directory.descriptor.status().inode) else {
            throw .usage("the path of the directory \"\(path)\" is not UTF-8")
        }
        return real
    }
}
