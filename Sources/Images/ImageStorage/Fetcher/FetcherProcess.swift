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
        into data: borrowing Directory,
        follow: (FetchEvent) -> Void
    ) throws(FetchError) -> ImageID {
        let child: Child
        let events: Descriptor
        do throws(Errno) {
            let null = try Descriptor.open("/dev/null", .readWrite)
            let pipe = try Pipe()
            child = try Child.spawn(
                program,
                arguments: ["rkt-fetcher", request.argument],
                environment: [],
                descriptors: [
                    null.number, null.number, StandardStream.error.rawValue,
                    data.descriptor.number, pipe.writing.number, image.number,
                ]
            )
            events = pipe.readingEnd()
        } catch { throw .start(program: program, error) }
        let last = Self.follow(events, follow)
        let status: ExitStatus
        do throws(Errno) { status = try child.wait() } catch {
            throw .start(program: program, error)
        }
        switch (last, status) {
        case (.stored(let id), .exited(0)): return id
        case (.failed(let reason), _): throw .refused(image: request.path, reason: reason)
        default: throw .died(status)
        }
    }

    /// Reads events to the end of the pipe; returns the last one.
    private static func follow(
        _ events: borrowing Descriptor,
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
