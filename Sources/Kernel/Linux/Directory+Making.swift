extension Directory {
    /// Opens a directory of the host by a path that an operator or this program chose, making what is missing of it.
    package static func making(path: String, mode: UInt32 = 0o755) throws(Errno) -> Directory {
        do throws(Errno) {
            return try Directory(path: path)
        } catch {
            guard error == .noSuchFile else { throw error }
        }
        let components = path.split(separator: "/")
        guard let name = components.last else { throw .noSuchFile }
        let parent = components.dropLast().joined(separator: "/")
        let isAbsolute = path.hasPrefix("/")
        let above = try making(
            path: isAbsolute ? "/" + parent : parent.isEmpty ? "." : parent,
            mode: mode
        )
        do throws(Errno) {
            try above.makeDirectory(String(name), mode: mode)
        } catch {
            guard error == .exists else { throw error }
        }
        return try above.directory(String(name))
    }
}
