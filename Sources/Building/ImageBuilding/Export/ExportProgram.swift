internal import ImageStorage
internal import Linux
internal import Seccomp
internal import Unpacking

/// The part of `rkt-fetcher` that writes images of the store where a user wants them: enters its cage, does one work.
package enum ExportProgram {
    private static let failure: Int32 = 254

    /// Whether this process was started for it.
    package static func isMeant(by arguments: [String]) -> Bool {
        arguments.dropFirst() == [ExportRequest.argument]
    }

    /// Runs; descriptors stand as ``ExportRequest/Inherited`` says.
    package static func run() -> Int32 {
        let data = Directory(Descriptor(owning: ExportRequest.Inherited.data))
        let events = Descriptor(owning: ExportRequest.Inherited.events)
        let text = Descriptor(owning: ExportRequest.Inherited.request)
        func tell(_ event: FetchEvent) { try? events.write(Array(event.line.utf8)) }
        CurrentProcess.ignoreBrokenPipes()
        CurrentProcess.closeDescriptors(from: UInt32(ExportRequest.Inherited.request) + 1)
        do {
            guard let bytes = try? text.readToEnd(limit: ExportRequest.limit),
                let request = ExportRequest(bytes)
            else { throw BuildError.invalid("started by rkt only") }
            let date = try SourceDate.fromEnvironment()
            let null = try step("open the null device") { () throws(Errno) in
                try Descriptor.open("/dev/null", .writeOnly)
            }
            let boot = BootID.current
            try confine(to: data, request)
            if request.form == .check {
                let state = try check(request, data, null, boot, tell)
                tell(.remote(tag: state, maximumAge: 0))
                return 0
            }
            let written = try StoredImageWriter(request, date: date).write(from: data)
            for warning in written.warnings { tell(.warning(warning)) }
            tell(.remote(tag: written.id, maximumAge: 0))
            return 0
        } catch {
            tell(.failed("\(error)"))
            return failure
        }
    }

    /// - Returns: what the image is now.
    private static func check(
        _ request: ExportRequest,
        _ data: borrowing Directory,
        _ null: consuming Descriptor,
        _ boot: BootID?,
        _ tell: (FetchEvent) -> Void
    ) throws -> String {
        var check = try StoreCheck(request.image, in: data, null: null, boot: boot)
        try check.run()
        let result = check.result
        for layer in result.mended {
            tell(.warning("layer \(layer) was damaged and is unpacked again"))
        }
        for layer in result.noted {
            tell(.warning("layer \(layer): nothing to compare with yet, its checksum is noted now"))
        }
        guard result.damaged.isEmpty else {
            throw BuildError.invalid("damaged: " + result.damaged.joined(separator: ", "))
        }
        return result.mended.isEmpty ? "verified" : "repaired"
    }

    /// It reads what images and pods contain, and writes beside its target only.
    private static func confine(
        to data: borrowing Directory,
        _ request: ExportRequest
    ) throws {
        let isInside = request.form == .blobs || request.form == .check
        let place = isInside ? nil : parent(of: request.path)
        let images = try step("open the store") { () throws(Errno) in
            try data.makingDirectories("images")
        }
        let temporary = try step("open the store") { () throws(Errno) in
            try data.makingDirectories("tmp")
        }
        let pods = try step("open the pods") { () throws(Errno) in
            try data.makingDirectories("pods")
        }
        let target = try step("open \"\(place ?? "images")\"") { () throws(Errno) in
            if let place { return try Directory(path: place) }
            return try data.makingDirectories("images")
        }
        try step("confine rkt-fetcher") { () throws(Errno) in
            _ = try Cage.enter(reaching: target) { (rules) throws(Errno) in
                try rules.allow(temporary)
                try rules.allowReading(images)
                try rules.allowReading(pods)
            }
            try CurrentProcess.loadFilter(
                Seccomp.refusing(Cage.forbiddenSystemCalls).map(\.word)
            )
        }
    }

    private static func parent(of path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path.utf8.lastIndex(of: 0x2F).map { String(path[...$0]) } ?? "."
    }
}
