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
            let running = try start(
                ExportRequest.argument,
                request.bytes,
                variables: ["SOURCE_DATE_EPOCH"],
                data
            )
            while lines.take(running.events, follow) {}
            status = try running.end()
        } catch { throw .start(program: program, error) }
        switch (lines.last, status) {
        case (.remote(let id, _), .exited(0)): return id
        case (.failed(let reason), _): throw .refused(image: request.path, reason: reason)
        default: throw .died(status)
        }
    }
}
