package import CNI
internal import JSON
package import Linux

/// Runs the plugins of networks, as the CNI specification asks of a container runtime.
///
/// One process after the other, waited for; the caller sees to it that nobody does the same to the pod meanwhile.
package struct PluginRuntime: Sendable {
    private let search: PluginSearch
    private let limit: Duration

    /// A runtime that finds plugins in some directories.
    ///
    /// - Parameter limit: how long one plugin may take.
    package init(_ search: PluginSearch, limit: Duration = .seconds(60)) {
        self.search = search
        self.limit = limit
    }

    /// Makes an interface: the plugins' additions in their order.
    ///
    /// The record is written first. If an addition fails, what has been done is undone and the record removed, unless
    /// the undoing fails too.
    ///
    /// - Returns: the result of the last plugin.
    package func attach(
        _ attachment: PluginAttachment,
        keeping records: borrowing AttachmentRecords
    ) throws(PluginError) -> NetworkResult {
        let network = attachment.network
        let wanting = attachment.neededCapabilities.filter { !network.capabilities.contains($0) }
        guard wanting.isEmpty else { throw .capability(network: network.name.text, wanting) }
        let programs = try programs(of: network)
        let version = try version(of: network, programs)
        try records.write(attachment, version: version)
        var added = 0
        do throws(PluginError) {
            var result: NetworkResult?
            for index in programs.indices {
                added = index + 1
                result = try add(attachment, programs[index], index, version, result)
            }
            let last = result ?? NetworkResult()
            try records.write(attachment, version: version, result: last)
            return last
        } catch {
            let chain = Chain(attachment, version, nil)
            let errors = delete(chain, programs[..<added].map { .success($0) })
            // What could not be undone is for gc.
            if errors.isEmpty { try? records.remove(attachment.name.interface) }
            throw error
        }
    }

    /// Gives an interface back: the plugins' deletions in reverse order, as it was configured when it was made.
    ///
    /// Every plugin is asked, whatever became of the others; the record stays until all have done it.
    ///
    /// - Parameter namespace: where the pod's network namespace is now; nil if it is gone.
    package func detach(
        _ interface: String,
        namespace: String?,
        in records: borrowing AttachmentRecords
    ) throws(PluginError) {
        let record = try records.read(interface)
        if let namespace { return try detach(record, namespace, in: records) }
        let addresses = record.result?.addresses.map(\.prefix) ?? []
        let standIn: StandInNamespace
        do throws(NetworkError) {
            standIn = try StandInNamespace(interface, addresses)
        } catch {
            // The contract lets a deletion do without: at worst rules stay behind.
            return try detach(record, "", in: records)
        }
        do throws(PluginError) {
            try standIn.lend { path throws(PluginError) in
                try detach(record, path, in: records)
            }
        } catch {
            // After a reboot the rules are gone as well, and Debian's bridge fails over the first that it misses:
            // asked without a namespace it doesn't look for them.
            try detach(record, "", in: records)
        }
    }

    /// Where the network namespace of a pod is that has ended.
    package enum EndedNamespace: Sendable {
        /// Where it was when its interfaces were made: somebody holds it open for plugins to give back what is in it.
        case kept
        /// Nowhere any more.
        case gone
    }

    /// Gives back all interfaces of a pod that has ended, the last one first.
    ///
    /// - Parameter pod: the pod's directory.
    package func release(
        _ pod: borrowing Directory,
        _ namespace: EndedNamespace
    ) throws(PluginError) {
        guard let records = try AttachmentRecords(of: pod) else { return }
        var errors: [PluginError] = []
        for interface in try records.interfaces().reversed() {
            do throws(PluginError) {
                let place = namespace == .kept ? try completed(interface, in: records) : nil
                try detach(interface, namespace: place, in: records)
            } catch {
                errors.append(error)
            }
        }
        try throwAll(errors)
    }
}

extension PluginRuntime {
    /// The path of an ended pod's namespace, with an interface as plugins have made it; nil if nobody holds it after all.
    private func completed(
        _ interface: String,
        in records: borrowing AttachmentRecords
    ) throws(PluginError) -> String? {
        let record = try records.read(interface)
        let place = record.attachment.namespace
        let addresses = record.result?.addresses.map(\.prefix) ?? []
        do throws(NetworkError) {
            try StandInNamespace.complete(place, interface, addresses)
            return place
        } catch {
            // A stage1 of another build lets go of it earlier.
            return nil
        }
    }

    private func detach(
        _ record: AttachmentRecord,
        _ namespace: String,
        in records: borrowing AttachmentRecords
    ) throws(PluginError) {
        var attachment = record.attachment
        attachment.namespace = namespace
        let found = attachment.network.plugins.map { plugin in
            Result { () throws(PluginError) in
                try PluginProgram(plugin.type, in: search, limit: limit)
            }
        }
        let errors = delete(Chain(attachment, record.version, record.result), found)
        try throwAll(errors)
        try records.remove(attachment.name.interface)
    }

    /// What the requests for one interface have in common.
    struct Chain {
        let attachment: PluginAttachment
        private let version: CNIVersion
        private let result: NetworkResult?

        init(_ attachment: PluginAttachment, _ version: CNIVersion, _ result: NetworkResult?) {
            self.attachment = attachment
            self.version = version
            self.result = version.hasCheck ? result : nil
        }

        func request(_ index: Int) throws(PluginError) -> JSON {
            let request = PluginRequest(
                attachment.network,
                version: version,
                runtime: attachment.runtime,
                previous: result
            )
            let network = attachment.network
            return try document(request, network.plugins[index], network)
        }
    }

    func programs(of network: NetworkConfiguration) throws(PluginError) -> [PluginProgram] {
        try network.plugins.map { plugin throws(PluginError) in
            try PluginProgram(plugin.type, in: search, limit: limit)
        }
    }

    /// The version that a network's plugins are spoken to in.
    ///
    /// Plugins are asked before anything is made. One that doesn't answer is taken at the network's word.
    func version(
        of network: NetworkConfiguration,
        _ programs: [PluginProgram]
    ) throws(PluginError) -> CNIVersion {
        var candidates = network.versions
        for program in programs {
            guard let speaks = try? program.versions() else { continue }
            let common = candidates.filter(speaks.known.contains)
            guard !common.isEmpty else {
                throw .version(
                    network: network.name.text,
                    candidates,
                    plugin: program.type,
                    speaks: speaks.texts
                )
            }
            candidates = common
        }
        return candidates[candidates.count - 1]
    }

    private func add(
        _ attachment: PluginAttachment,
        _ program: PluginProgram,
        _ index: Int,
        _ version: CNIVersion,
        _ previous: NetworkResult?
    ) throws(PluginError) -> NetworkResult {
        let network = attachment.network
        let request = PluginRequest(
            network,
            version: version,
            runtime: attachment.runtime,
            previous: version.hasPreviousResult ? previous : nil
        )
        let input = try document(request, network.plugins[index], network)
        let output = try program.run(.add, for: attachment, input)
        do throws(CNIError) {
            return try NetworkResult.parse(output).0
        } catch {
            throw .answer(plugin: program.type, .add, error)
        }
    }

    /// Runs the deletions of a chain's first plugins, the last one first.
    private func delete(
        _ chain: Chain,
        _ programs: [Result<PluginProgram, PluginError>]
    ) -> [PluginError] {
        var errors: [PluginError] = []
        for (index, program) in programs.enumerated().reversed() {
            do throws(PluginError) {
                _ = try program.get().run(
                    .delete,
                    for: chain.attachment,
                    try chain.request(index)
                )
            } catch .complaint(_, _, let complaint)
                where complaint.code == PluginComplaint.unknownContainer
            {
                continue
            } catch {
                errors.append(error)
            }
        }
        return errors
    }
}

extension PluginAttachment {
    /// The capabilities without which the pod would not be what was asked for.
    ///
    /// An address is also told as an argument, and plugins that know no name servers leave them to us.
    fileprivate var neededCapabilities: [String] {
        runtime.capabilities.filter { $0 == "portMappings" || $0 == "bandwidth" }
    }
}

func document(
    _ request: PluginRequest,
    _ plugin: PluginConfiguration,
    _ network: NetworkConfiguration
) throws(PluginError) -> JSON {
    do throws(CNIError) {
        return try request.document(for: plugin)
    } catch {
        throw .request(network: network.name.text, error)
    }
}

/// Reports what went wrong while the rest was done.
func throwAll(_ errors: [PluginError]) throws(PluginError) {
    guard errors.isEmpty else { throw errors.count == 1 ? errors[0] : .several(errors) }
}
