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
    /// The record is written first. If an addition fails, what has been done is undone and the record removed.
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
            _ = delete(chain, programs[..<added].map { .success($0) })
            try? records.remove(attachment.name.interface)
            throw error
        }
    }

    /// Asks the plugins whether an interface is as they made it.
    ///
    /// - Returns: whether they can tell: they must speak 0.4.0 or later, and the network must not forbid it.
    package func check(
        _ interface: String,
        in records: borrowing AttachmentRecords
    ) throws(PluginError) -> Bool {
        let record = try records.read(interface)
        let network = record.attachment.network
        guard record.version.hasCheck, !network.disablesCheck, let result = record.result else {
            return false
        }
        let chain = Chain(record.attachment, record.version, result)
        for (index, program) in try programs(of: network).enumerated() {
            _ = try program.run(.check, for: record.attachment, try chain.request(index))
        }
        return true
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

    /// Gives back all interfaces of a pod that has ended, the last one first.
    ///
    /// - Parameter pod: the pod's directory.
    package func release(_ pod: borrowing Directory) throws(PluginError) {
        guard let records = try AttachmentRecords(of: pod) else { return }
        var errors: [PluginError] = []
        for interface in try records.interfaces().reversed() {
            do throws(PluginError) {
                try detach(interface, namespace: nil, in: records)
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else { throw errors.count == 1 ? errors[0] : .several(errors) }
    }

    /// Has the plugins give back everything of a network but some interfaces.
    ///
    /// - Returns: whether they can: they must speak 1.1.0, and the network must be ours alone.
    package func collect(
        _ network: NetworkConfiguration,
        sparing attachments: [AttachmentName]
    ) throws(PluginError) -> Bool {
        let programs = try programs(of: network)
        let version = try version(of: network, programs)
        guard version.hasCollection, !network.disablesCollection else { return false }
        let request = PluginRequest(collecting: network, version: version, sparing: attachments)
        var errors: [PluginError] = []
        for (program, plugin) in zip(programs, network.plugins) {
            do throws(PluginError) {
                _ = try program.run(.collect, try document(request, plugin, network))
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else { throw errors.count == 1 ? errors[0] : .several(errors) }
        return true
    }

    /// Asks the plugins of a network whether they could make an interface now.
    ///
    /// - Returns: whether they can tell: they must speak 1.1.0.
    package func status(_ network: NetworkConfiguration) throws(PluginError) -> Bool {
        let programs = try programs(of: network)
        let version = try version(of: network, programs)
        guard version.hasCollection else { return false }
        let request = PluginRequest(network, version: version)
        for (program, plugin) in zip(programs, network.plugins) {
            _ = try program.run(.status, try document(request, plugin, network))
        }
        return true
    }
}

extension PluginRuntime {
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
        guard errors.isEmpty else { throw errors.count == 1 ? errors[0] : .several(errors) }
        try records.remove(attachment.name.interface)
    }

    /// What the requests for one interface have in common.
    private struct Chain {
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

    private func programs(of network: NetworkConfiguration) throws(PluginError) -> [PluginProgram] {
        try network.plugins.map { plugin throws(PluginError) in
            try PluginProgram(plugin.type, in: search, limit: limit)
        }
    }

    /// The version that a network's plugins are spoken to in.
    ///
    /// Plugins are only asked where there is a choice: an answer costs a process.
    private func version(
        of network: NetworkConfiguration,
        _ programs: [PluginProgram]
    ) throws(PluginError) -> CNIVersion {
        var candidates = network.versions
        if candidates.count == 1 { return candidates[0] }
        for program in programs {
            let speaks = try program.versions()
            candidates.removeAll { !speaks.known.contains($0) }
            guard !candidates.isEmpty else {
                throw .version(
                    network: network.name.text,
                    plugin: program.type,
                    speaks: speaks.texts
                )
            }
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
        let output: [UInt8]
        do throws(PluginError) {
            output = try program.run(.add, for: attachment, input)
        } catch .complaint(_, _, let complaint) where complaint.code == PluginComplaint.wrongVersion
        {
            let speaks = try program.versions().texts
            throw .version(network: network.name.text, plugin: program.type, speaks: speaks)
        }
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

private func document(
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
