internal import Linux
internal import PodLifecycle

/// The pods a command is for: UUIDs on the command line, or one in a file.
struct PodOperands {
    /// What `--uuid-file` names.
    var file: String?

    static func flag<C: Command>(
        _ path: WritableKeyPath<C, PodOperands>
    ) -> Flag<C> {
        .string("uuid-file", "read pod UUID from file instead of argument") { command, file in
            command[keyPath: path].file = file
        }
    }

    /// The beginnings of UUIDs that were given: one or more.
    ///
    /// - Parameter code: the exit code when the file can't be read, where rkt has one of its own.
    func prefixes(_ context: Context, codeOfUnreadableFile code: Int32? = nil) throws -> [String] {
        guard let file else {
            guard !context.arguments.isEmpty else {
                throw CommandError.usage("must provide at least one pod UUID")
            }
            return context.arguments
        }
        guard context.arguments.isEmpty else {
            throw CommandError.usage("--uuid-file and UUIDs as arguments exclude each other")
        }
        do {
            let text = String(decoding: try readHostFile(file, limit: 4096), as: UTF8.self)
            return [String(text.trimmed)]
        } catch {
            let message = CommandError.failed("unable to read UUID from \"\(file)\": \(error)")
            guard let code else { throw message }
            context.complain(message)
            throw CommandError.exit(code)
        }
    }

    /// The one pod that was given.
    func one(
        _ context: Context,
        in pods: PodsDirectory,
        codeOfUnreadableFile code: Int32? = nil
    ) throws -> PodUUID {
        let prefixes = try prefixes(context, codeOfUnreadableFile: code)
        guard prefixes.count == 1 else { throw CommandError.usage("must provide one pod UUID") }
        return try pods.find(prefixes[0])
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: SubSequence {
        let start = drop { $0.isWhitespace }
        let end = start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) }
        return start[..<(end ?? start.startIndex)]
    }
}
