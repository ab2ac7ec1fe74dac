internal import Archives
package import Linux

extension TreeStaging {
    /// Opens a directory of the changes, which gets what the image's has; what neither has is made.
    package mutating func enter(_ components: [RawName]) throws(BuildError) -> Directory {
        var place = try writing([]) { () throws(Errno) in try changes.duplicate() }
        var merged: MergedDirectory? = root
        for name in components {
            var below: MergedDirectory?
            if let current = merged {
                below = try reading(name.bytes) { () throws(Errno) in
                    guard let entry = try current.entry(name), entry.status.kind == .directory
                    else { return nil }
                    return try current.directory(name, entry)
                }
            }
            place = try writing(name.bytes) { () throws(Errno) in
                do throws(Errno) {
                    return try place.directory(name)
                } catch {
                    guard error == .noSuchFile else { throw error }
                }
                try place.makeDirectory(name, mode: 0o700)
                let made = try place.directory(name)
                if let below {
                    try made.descriptor.describe(as: below.status(), below.attributes())
                } else {
                    try made.descriptor.setPermissions(0o755)
                    try own { () throws(Errno) in
                        try made.descriptor.setOwner(
                            uid: attributes.uid ?? 0,
                            gid: attributes.gid ?? 0
                        )
                    }
                }
                return made
            }
            merged = below
        }
        try settle(components)
        return place
    }

    /// Making something in a directory changed its time: it is set again, to that of the image's or the fixed one.
    func settle(_ components: [RawName]) throws(BuildError) {
        try writing([]) { () throws(Errno) in
            var place = try changes.duplicate()
            var merged: MergedDirectory? = root
            for index in 0...components.count {
                if let merged {
                    let time = try merged.status().modified
                    try place.descriptor.setTime(
                        seconds: time.seconds,
                        nanoseconds: Int32(clamping: time.nanoseconds)
                    )
                } else {
                    try place.descriptor.setTime(
                        seconds: date.ofNewDirectories,
                        nanoseconds: 0
                    )
                }
                guard index < components.count else { return }
                if let current = merged {
                    merged = try current.entry(components[index]).flatMap {
                        (entry) throws(Errno) in
                        entry.status.kind == .directory
                            ? try current.directory(components[index], entry) : nil
                    }
                }
                place = try place.directory(components[index])
            }
        }
    }
}

extension TreeStaging {
    func reading<Result: ~Copyable>(
        _ path: [UInt8],
        _ body: () throws(Errno) -> Result
    ) throws(BuildError) -> Result {
        try step("read \"\(printable(path))\"", body)
    }

    func writing<Result: ~Copyable>(
        _ path: [UInt8],
        _ body: () throws(Errno) -> Result
    ) throws(BuildError) -> Result {
        try step("copy \"\(printable(path))\"", body)
    }

    func text(_ components: [RawName]) -> String {
        components.map { printable($0.bytes) }.joined(separator: "/")
    }
}
