package import Linux

/// Runs `rkt-fetcher`, which alone parses what comes from outside, and follows what it tells.
package struct FetcherProcess: Sendable {
    /// The program, found beside this one: `bin/rkt` and `lib/rkt/rkt-fetcher`.
    package let program: String

    /// The fetcher of this installation, or another one.
    package init(program: String? = nil) {
        self.program = program ?? Self.installed
    }

    private static var installed: String {
        let own = CurrentProcess.executablePath
        let directory = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
        return "\(directory)/../lib/rkt/rkt-fetcher"
    }

    /// Imports an image out of an opened file or directory and waits until it is stored.
    ///
    /// - Parameter follow: told of progress and warnings.
    package func fetch(
        _ request: FetchRequest,
        from image: borrowing Descriptor,
        signature: borrowing Descriptor? = nil,
        into data: borrowing Directory,
        follow: (FetchEvent) -> Void
    ) throws(FetchError) -> ImageID {
        let result: Result<ImageID, FetchError>
        do throws(Errno) {
            let running = try start(request, from: image, signature: signature, into: data)
            result = try running.result(of: request, follow)
        } catch { throw .start(program: program, error) }
        return try result.get()
    }

    /// Starts an import.
    func start(
        _ request: FetchRequest,
        from image: borrowing Descriptor,
        signature: borrowing Descriptor? = nil,
        into data: borrowing Directory
    ) throws(Errno) -> RunningFetch {
        let null = try Descriptor.open("/dev/null", .readWrite)
        let pipe = try Pipe()
        var descriptors = [
            null.number, null.number, StandardStream.error.rawValue,
            data.descriptor.number, pipe.writing.number, image.number,
        ]
        switch signature {
        case .some(let file): descriptors.append(file.number)
        case .none: break
        }
        let child = try Child.spawn(
            program,
            arguments: ["rkt-fetcher", request.argument],
            environment: [],
            descriptors: descriptors
        )
        return RunningFetch(child: child, events: pipe.readingEnd())
    }

    /// Starts a part of the fetcher that reads its request from a file.
    ///
    /// - Parameters:
    ///   - variables: those of the environment that it sees.
    ///   - other: one more descriptor that it gets.
    func start(
        _ part: String,
        _ request: [UInt8],
        variables: [String],
        _ data: borrowing Directory,
        _ other: Int32? = nil
    ) throws(Errno) -> RunningFetch {
        let null = try Descriptor.open("/dev/null", .readWrite)
        let text = try Descriptor.sealedMemory(name: "request", request)
        try text.seek(to: 0)
        let pipe = try Pipe()
        let child = try Child.spawn(
            program,
            arguments: ["rkt-fetcher", part],
            environment: variables.compactMap { name in
                Environment[name].map { "\(name)=\($0)" }
            },
            descriptors: [
                null.number, null.number, StandardStream.error.rawValue,
                data.descriptor.number, pipe.writing.number, text.number,
            ] + [other].compactMap(\.self)
        )
        return RunningFetch(child: child, events: pipe.readingEnd())
    }
}

/// A fetcher at work.
struct RunningFetch: ~Copyable {
    let child: Child
    let events: Descriptor

    /// Follows it to its end.
    consuming func result(
        of request: FetchRequest,
        _ follow: (FetchEvent) -> Void
    ) throws(Errno) -> Result<ImageID, FetchError> {
        let last = Self.follow(events, follow)
        switch (last, try child.wait()) {
        case (.stored(let id), .exited(0)): return .success(id)
        case (.failed(let reason), _):
            return .failure(.refused(image: request.path, reason: reason))
        case (_, let status): return .failure(.died(status))
        }
    }

    /// Reads events to the end of the pipe and closes it, so that nobody can wait for us; returns the last one.
    private static func follow(
        _ events: consuming Descriptor,
        _ body: (FetchEvent) -> Void
    ) -> FetchEvent? {
        var last: FetchEvent?
        var rest: [UInt8] = []
        // The fetcher may have been taken over by an image: it gets no more memory here than a few lines.
        while let bytes = try? events.read(upTo: FetchEvent.lengthLimit), !bytes.isEmpty {
            rest += bytes
            while let end = rest.firstIndex(of: 0x0A) {
                if let event = FetchEvent(line: rest[..<end]) {
                    last = event
                    body(event)
                }
                rest.removeSubrange(...end)
            }
            if rest.count > FetchEvent.lengthLimit { return nil }
        }
        return last
    }
}
