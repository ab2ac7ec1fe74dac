internal import ImageStorage
internal import Linux
internal import Seccomp
internal import Unpacking

/// The program `rkt-fetcher`: enters its cage, imports one image, tells `rkt` how it went.
package enum FetcherProgram {
    private static let failure: Int32 = 254

    /// Runs with the arguments of the process; descriptors stand as ``FetchRequest/Inherited`` says.
    ///
    /// - Returns: the exit code.
    package static func main(_ arguments: [String]) -> Int32 {
        if GPGVLauncher.isMeant(by: arguments) { return GPGVLauncher.run() }
        if NetworkProgram.isMeant(by: arguments) { return NetworkProgram.run() }
        guard arguments.count == 2, let request = FetchRequest(argument: arguments[1]) else {
            try? StandardStream.error.write("rkt-fetcher: started by rkt only (see rkt fetch)\n")
            return failure
        }
        let data = Directory(Descriptor(owning: FetchRequest.Inherited.data))
        let events = EventWriter(Descriptor(owning: FetchRequest.Inherited.events))
        let image = Descriptor(owning: FetchRequest.Inherited.image)
        do {
            let options = UnpackOptions(
                owners: UserMap.current.mapsOneID ? .unchanged : .asArchived
            )
            CurrentProcess.ignoreBrokenPipes()
            let last = request.hasSignature ? FetchRequest.Inherited.signature : image.number
            CurrentProcess.closeDescriptors(from: UInt32(last) + 1)
            let trust = try request.trustPolicy()
            let signers = try RegistrySigners.prepare(for: request, trust)
            let check = try RequiredCheck.prepare(for: request)
            let boot = BootID.current
            try confine(to: data, reading: image)
            let importer = Importer(
                store: ImageStore(data: data, boot: boot),
                request: request,
                trust: trust,
                signers: signers,
                events: events,
                options: options
            )
            events.tell(.stored(try importer.run(image, check)))
            return 0
        } catch {
            events.tell(.failed("\(error)"))
            return failure
        }
    }

    /// Nothing of the image was looked at before this (R11).
    private static func confine(
        to data: borrowing Directory,
        reading image: borrowing Descriptor
    ) throws(Errno) {
        let isDirectory = try image.status().kind == .directory
        // Of the data directory only what an import needs: the pods stay out of reach.
        let images = try data.makingDirectories("images")
        let locks = try data.makingDirectories("locks")
        let temporary = try data.makingDirectories("tmp")
        _ = try Cage.enter(reaching: images) { (rules) throws(Errno) in
            try rules.allow(locks)
            try rules.allow(temporary)
            // The blobs of a layout are found only by reading it; a file is open already.
            if isDirectory { try rules.allowReading(Directory(image.duplicate())) }
        }
        try CurrentProcess.loadFilter(Seccomp.refusing(Cage.forbiddenSystemCalls).map(\.word))
    }
}
