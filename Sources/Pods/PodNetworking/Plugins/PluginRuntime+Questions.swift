package import CNI
internal import Linux

/// What concerns a network rather than one interface, or changes nothing.
extension PluginRuntime {
    /// Asks the plugins whether an interface is as they made it.
    ///
    /// - Parameter namespace: where the pod's network namespace is now.
    /// - Returns: whether they can tell: they must speak 0.4.0 or later, and the network must not forbid it.
    package func check(
        _ interface: String,
        namespace: String,
        in records: borrowing AttachmentRecords
    ) throws(PluginError) -> Bool {
        let record = try records.read(interface).moved(to: namespace)
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

    /// Has the plugins give back everything of a network but some interfaces.
    ///
    /// Every plugin is asked, whatever became of the others.
    ///
    /// - Returns: whether they can: they must speak 1.1.0, and the network must be ours alone.
    package func collect(
        _ network: NetworkConfiguration,
        sparing attachments: [AttachmentName]
    ) throws(PluginError) -> Bool {
        guard !network.disablesCollection, let chain = try collecting(network) else { return false }
        let request = PluginRequest(
            collecting: network,
            version: chain.version,
            sparing: attachments
        )
        var errors: [PluginError] = []
        for (program, plugin) in zip(chain.programs, network.plugins) {
            do throws(PluginError) {
                _ = try program.run(.collect, try document(request, plugin, network))
            } catch {
                errors.append(error)
            }
        }
        try throwAll(errors)
        return true
    }

    /// Asks the plugins of a network whether they could make an interface now.
    ///
    /// - Returns: whether they can tell: they must speak 1.1.0.
    package func status(_ network: NetworkConfiguration) throws(PluginError) -> Bool {
        guard let chain = try collecting(network) else { return false }
        let request = PluginRequest(network, version: chain.version)
        for (program, plugin) in zip(chain.programs, network.plugins) {
            _ = try program.run(.status, try document(request, plugin, network))
        }
        return true
    }

    /// The plugins of a network that can be spoken to in 1.1.0; nil if they can't.
    private func collecting(
        _ network: NetworkConfiguration
    ) throws(PluginError) -> (programs: [PluginProgram], version: CNIVersion)? {
        // Most networks are of older versions: nothing has to be started to see that.
        guard network.versions.contains(where: \.hasCollection) else { return nil }
        let programs = try programs(of: network)
        let version = try version(of: network, programs)
        return version.hasCollection ? (programs, version) : nil
    }
}

extension AttachmentRecord {
    /// The record as if the pod's network namespace had always been at a path: plugins compare that with the result.
    fileprivate func moved(to namespace: String) -> AttachmentRecord {
        var record = self
        for index in record.result?.interfaces.indices ?? 0..<0
        where record.result?.interfaces[index].sandbox == attachment.namespace {
            record.result?.interfaces[index].sandbox = namespace
        }
        record.attachment.namespace = namespace
        return record
    }
}
