internal import Archives
internal import Linux

extension TreeStaging {
    mutating func copyRoot(
        _ source: MergedDirectory,
        to target: MergedPath
    ) throws(BuildError) {
        if let status = target.status, status.kind != .directory {
            throw .invalid("\"/\(text(target.components))\" is not a directory of the image")
        }
        let place = try enter(target.components)
        try copyContents(of: source, to: place, at: [], below: target.components)
        try writing([]) { () throws(Errno) in
            // A directory that was there keeps what it has; the root always was.
            if target.status == nil {
                try place.descriptor.describe(
                    as: source.status(),
                    source.attributes(),
                    uid: attributes.uid,
                    gid: attributes.gid,
                    mode: attributes.mode
                )
            }
        }
        try settle(target.status == nil ? Array(target.components.dropLast()) : target.components)
    }

    mutating func copyContents(
        of source: MergedDirectory,
        to place: borrowing Directory,
        at path: [UInt8],
        below target: [RawName]
    ) throws(BuildError) {
        for name in try reading(path, { () throws(Errno) in try source.names() }) {
            let inner = path.isEmpty ? name.bytes : path + [0x2F] + name.bytes
            if isExcluded(inner) { continue }
            guard
                let entry = try reading(inner, { () throws(Errno) in try source.entry(name) })
            else { continue }
            try copyEntry(name, entry, of: source, to: place, as: name, at: inner, below: target)
        }
    }

    mutating func copyEntry(
        _ name: RawName,
        _ entry: MergedDirectory.Entry,
        of source: MergedDirectory,
        to place: borrowing Directory,
        as newName: RawName,
        at path: [UInt8],
        below target: [RawName]
    ) throws(BuildError) {
        let status = entry.status
        switch status.kind {
        case .directory:
            try copyDirectory(name, entry, of: source, to: place, at: path, below: target)
        case .regular:
            try copyFile(name, entry, of: source, to: place, as: newName, below: target)
        case .symbolicLink:
            let link = try reading(path) { () throws(Errno) in try source.link(name, entry) }
            try writing(path) { () throws(Errno) in
                guard let link = RawPath(link) else { throw .invalidArgument }
                try place.removeTree(newName)
                try place.makeSymbolicLink(newName, to: link)
            }
            try describe(newName, status, in: place, path)
        case .fifo:
            try writing(path) { () throws(Errno) in
                try place.removeTree(newName)
                try place.makeFifo(newName, mode: status.permissions)
            }
            try describe(newName, status, in: place, path)
        case .characterDevice where keepsWhiteouts && status.isWhiteout:
            try writing(path) { () throws(Errno) in try place.makeWhiteout(newName) }
        case .characterDevice, .blockDevice, .socket, .other:
            warnings.append("left out \"\(printable(path))\": neither file, directory nor link")
        }
    }

    /// A directory over anything else than a directory of the image would be a surprise: it is refused.
    private mutating func copyDirectory(
        _ name: RawName,
        _ entry: MergedDirectory.Entry,
        of source: MergedDirectory,
        to place: borrowing Directory,
        at path: [UInt8],
        below target: [RawName]
    ) throws(BuildError) {
        let below = try reading(path) { () throws(Errno) in try source.directory(name, entry) }
        let components = target + [name]
        let there = try root.entry(at: components)
        if let there, there.kind != .directory {
            throw .invalid("\"/\(text(components))\" is not a directory of the image")
        }
        let made = try writing(path) { () throws(Errno) in
            do throws(Errno) {
                try place.makeDirectory(name, mode: 0o700)
            } catch {
                guard error == .exists else { throw error }
            }
            return try place.directory(name)
        }
        try copyContents(of: below, to: made, at: path, below: components)
        try writing(path) { () throws(Errno) in
            try made.descriptor.describe(
                as: below.status(),
                below.attributes(),
                uid: attributes.uid,
                gid: attributes.gid,
                mode: attributes.mode
            )
            if keepsWhiteouts, below.isOpaque { try made.descriptor.markOpaque() }
        }
    }

    private mutating func copyFile(
        _ name: RawName,
        _ entry: MergedDirectory.Entry,
        of source: MergedDirectory,
        to place: borrowing Directory,
        as newName: RawName,
        below target: [RawName]
    ) throws(BuildError) {
        let status = entry.status
        let identity = FileIdentity(device: status.device, inode: status.inode)
        if status.links > 1 {
            if let first = linked[identity] {
                let parent = try enter(first.path)
                return try writing(name.bytes) { () throws(Errno) in
                    try place.removeTree(newName)
                    try parent.link(first.name, to: place, as: newName)
                }
            }
            linked[identity] = (target, newName)
        }
        let from = try reading(name.bytes) { () throws(Errno) in try source.file(name, entry) }
        try writing(name.bytes) { () throws(Errno) in
            try place.removeTree(newName)
            let to = try place.createFile(newName, mode: 0o600)
            try from.copyData(to: to, size: status.size)
            try to.describe(
                as: status,
                from.imageAttributes(),
                uid: attributes.uid,
                gid: attributes.gid,
                mode: attributes.mode
            )
        }
    }

    private func describe(
        _ name: RawName,
        _ status: FileStatus,
        in place: borrowing Directory,
        _ path: [UInt8]
    ) throws(BuildError) {
        try writing(path) { () throws(Errno) in
            try own { () throws(Errno) in
                try place.setOwner(
                    name,
                    uid: attributes.uid ?? status.uid,
                    gid: attributes.gid ?? status.gid
                )
            }
            let time = status.modified
            try place.setTime(
                name,
                seconds: time.seconds,
                nanoseconds: Int32(clamping: time.nanoseconds)
            )
        }
    }
}
