package import Linux

extension FetcherProcess {
    /// Writes an image where a user wants it.
    ///
    /// - Returns: its ID there, or the digest of its manifest for blobs of the store.
    package func export(
        _ request: ExportRequest,
        from data: borrowing Directory,
        follow: (FetchEvent) -> Void
    ) throws(FetchError) -> String {
        var lines = EventLines()
        let status: ExitStatus
        do throws(Errno) {
            let null = try Descriptor.open("/dev/null", .readWrite)
            let text = try Descriptor.sealedMemory(name: "request", request.bytes)
            try text.seek(to: 0)
            let pipe = try Pipe()
            let child = try Child.spawn(
                program,
                arguments: ["rkt-fetcher", ExportRequest.argument],
                environment: ["SOURCE_DATE_EPOCH"].compactMap { name in
                    Environment[name].map { "\(name)=\($0)" }
                },
                descriptors: [
                    null.number, null.number, StandardStream.error.rawValue,
                    data.descriptor.number, pipe.writing.number, text.number,
                ]
            )
            let events = pipe.readingEnd()
            while lines.take(events, follow) {}
            _ = consume events
            status = try child.wait()
        } catch { throw .start(program: program, error) }
        switch (lines.last, status) {
        case (.remote(let id, _), .exited(0)): return id
        case (.failed(let reason), _): throw .refused(image: request.path, reason: reason)
        default: throw .died(status)
        }
    }
}
