internal import JSON
package import Linux

/// A build in progress: the directory `.acbuild` below the working directory.
///
/// It is a ``Workshop`` and the draft of the image. Whoever has it open holds its lock, which the kernel drops with the
/// process. A change is first written down whole (`pending`) and then carried out by steps that can be repeated, so a
/// process that is killed at any point leaves the image before or after the change, never between.
///
///     build.json   the draft (``ImageDraft``)
///     pending/     a change that is decided: `tree`, what it adds or removes, and `build.json`, the new draft
package struct BuildContext: ~Copyable {
    /// The name of the directory.
    package static let name = ".acbuild"
    private static let draftFile = "build.json"
    private static let pending = "pending"

    /// Where layers and steps are made.
    package let workshop: Workshop
    private let parent: Directory
    /// The image as it is now.
    package private(set) var draft: ImageDraft
    /// The time that everything new gets.
    package let date: SourceDate

    private init(
        _ workshop: consuming Workshop,
        in parent: consuming Directory,
        _ draft: ImageDraft,
        _ date: SourceDate
    ) {
        self.workshop = workshop
        self.parent = parent
        self.draft = draft
        self.date = date
    }

    /// Opens the build of a working directory and completes a change that was cut short.
    package init(workPath: String) throws(BuildError) {
        let parent = try Self.parent(workPath)
        let directory = try Self.locked(parent)
        let workshop = Workshop(directory, path: try Self.path(workPath))
        let date = try SourceDate.fromEnvironment()
        if workshop.directory.contains(Self.pending) { try Self.complete(workshop) }
        guard let draft = try Self.draft(in: workshop.directory) else { throw .incomplete }
        self.init(workshop, in: parent, draft, date)
    }

    /// Begins a build; `fill` makes the first draft, and if that fails nothing is left.
    package static func begin(
        workPath: String,
        _ fill: (borrowing Workshop, SourceDate) throws -> ImageDraft
    ) throws {
        let parent = try Self.parent(workPath)
        let date = try SourceDate.fromEnvironment()
        do throws(Errno) {
            try parent.makeDirectory(name, mode: 0o700)
        } catch {
            throw error == .exists
                ? BuildError.begun : BuildError.system("make \"\(name)\"", error)
        }
        let directory = try locked(parent)
        do {
            let workshop = Workshop(directory, path: try path(workPath))
            let draft = try fill(workshop, date)
            try write(draft, to: workshop.directory)
        } catch {
            do throws(Errno) { try parent.removeTree(name) } catch {}
            throw error
        }
    }

    /// Ends the build: nothing of it is left, whatever state it was in.
    ///
    /// - Parameter release: gives back what pods of steps that were cut short hold, given the path of the workshop.
    package static func end(workPath: String, release: (String) throws -> Void) throws {
        let parent = try Self.parent(workPath)
        let directory = try locked(parent)
        try release(try path(workPath))
        try step("end the build") { () throws(Errno) in
            // Without it, what an end that is cut short leaves can't be taken for a build.
            try directory.removeTree(draftFile)
            try parent.removeTree(name)
        }
    }

    private static func parent(_ workPath: String) throws(BuildError) -> Directory {
        try step("open \"\(workPath)\"") { () throws(Errno) in try Directory(path: workPath) }
    }

    private static func path(_ workPath: String) throws(BuildError) -> String {
        let absolute = try step("find \"\(workPath)\"") { () throws(Errno) in
            try Directory(path: workPath).absolutePath()
        }
        return absolute == "/" ? "/\(name)" : "\(absolute)/\(name)"
    }

    private static func locked(_ parent: borrowing Directory) throws(BuildError) -> Directory {
        let directory = try opened(parent)
        let isFree = try step("lock \"\(name)\"") { () throws(Errno) in
            try directory.descriptor.tryLock(.exclusive)
        }
        // Whoever ended the build meanwhile has left us a directory without a name.
        guard isFree else { throw .locked }
        guard parent.contains(name) else { throw .notBegun }
        return directory
    }

    private static func opened(_ parent: borrowing Directory) throws(BuildError) -> Directory {
        do throws(Errno) {
            return try parent.directory(name)
        } catch {
            throw error == .noSuchFile ? .notBegun : .system("open \"\(name)\"", error)
        }
    }

    private static func draft(in directory: borrowing Directory) throws(BuildError) -> ImageDraft? {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try directory.readFile(draftFile, limit: 32 << 20)
        } catch {
            if error == .noSuchFile { return nil }
            throw .system("read \"\(name)/\(draftFile)\"", error)
        }
        do throws(JSONError) {
            return try ImageDraft(parsing: bytes)
        } catch {
            throw .invalid("\"\(name)/\(draftFile)\" is damaged: \(error) (see acbuild end)")
        }
    }

    private static func write(
        _ draft: ImageDraft,
        to directory: borrowing Directory
    ) throws(BuildError) {
        try step("write \"\(name)/\(draftFile)\"") { () throws(Errno) in
            try directory.replaceFile(draftFile, draft.json.encodedBytes())
        }
    }
}

// MARK: - Changes

extension BuildContext {
    /// The root of the image.
    package func root() throws(BuildError) -> MergedDirectory { try workshop.root(draft.layers) }

    /// Replaces the draft; the files stay.
    package mutating func update(_ draft: ImageDraft) throws(BuildError) {
        try Self.write(draft, to: workshop.directory)
        self.draft = draft
    }

    /// Changes files of the image and its draft in one step.
    ///
    /// - Parameter fill: puts the changes into an empty directory, as an overlay's upper directory has them.
    package mutating func change(
        _ draft: ImageDraft,
        _ fill: (borrowing Directory) throws -> Void
    ) throws {
        let root = try root()
        try commit(draft) { (directory, _) in
            let tree = try step("make a directory for changes") { () throws(Errno) in
                try directory.makeDirectory("tree", mode: 0o755)
                return try directory.directory("tree")
            }
            try step("make a directory for changes") { () throws(Errno) in
                try tree.descriptor.describe(as: root.status(), root.attributes())
            }
            try fill(tree)
        }
    }

    /// Makes what a program changed the image's, in one step with the draft.
    package mutating func change(_ draft: ImageDraft, adopting changes: StepRun.Changes) throws {
        try commit(draft) { (directory, workshop) in
            try step("take the changes") { () throws(Errno) in
                let parent = try workshop.directory(changes.parent)
                try parent.rename(changes.name, to: directory, as: "tree")
            }
        }
    }

    private mutating func commit(
        _ draft: ImageDraft,
        _ fill: (borrowing Directory, borrowing Directory) throws -> Void
    ) throws {
        try workshop.clean()
        let temporary = try workshop.makeTemporary()
        do {
            let directory = try workshop.open(temporary)
            try fill(directory, workshop.directory)
            try Self.write(draft, to: directory)
            try step("note the changes") { () throws(Errno) in
                let parent = try workshop.directory.directory("staging")
                try parent.rename(temporary.name, to: workshop.directory, as: Self.pending)
            }
        } catch {
            do throws(BuildError) { try workshop.clean() } catch {}
            throw error
        }
        try Self.complete(workshop)
        self.draft = draft
    }

    private static func complete(_ workshop: borrowing Workshop) throws(BuildError) {
        let change = try step("open the changes") { () throws(Errno) in
            try workshop.directory.directory(pending)
        }
        if let draft = try draft(in: change) {
            guard let top = draft.layers.last else { throw .incomplete }
            let layer = try workshop.layer(top)
            try step("put the changes into the image") { () throws(Errno) in
                let merge = LayerMerge(hidesLower: draft.layers.count > 1)
                try merge.merge(change.directory("tree"), into: layer)
            }
            try write(draft, to: workshop.directory)
        }
        try step("put away the changes") { () throws(Errno) in
            try workshop.directory.removeTree(pending)
        }
    }
}
