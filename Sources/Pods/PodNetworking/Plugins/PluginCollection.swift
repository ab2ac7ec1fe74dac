package import CNI
package import Linux

/// The collection of what networks of plugins keep for pods that nobody knows of any more (`GC` of CNI 1.1).
///
/// A plugin gives back whatever isn't on the list that it gets. What pods of other data directories have can't be on it,
/// and while it collects nothing may be added or deleted: so it is for whoever has the host to himself.
package struct PluginCollection: ~Copyable {
    private let host: UnusedHost
    private let runtime: PluginRuntime
    private var networks: [NetworkConfiguration]
    private var spared: [NetworkName: [AttachmentName]] = [:]

    /// A collection in the networks that are described.
    package init(
        _ catalog: NetworkCatalog,
        on host: consuming UnusedHost,
        _ runtime: PluginRuntime
    ) {
        self.host = host
        self.runtime = runtime
        networks = catalog.entries.compactMap(\.file?.configuration)
    }

    /// Spares what a pod has by its records, and collects in its networks too.
    ///
    /// A pod that was killed has its interfaces until they are deleted: collecting is no substitute for that.
    package mutating func spare(_ pod: borrowing Directory) throws(PluginError) {
        guard let records = try AttachmentRecords(of: pod) else { return }
        for interface in try records.interfaces() {
            let attachment = try records.read(interface).attachment
            spared[attachment.network.name, default: []].append(attachment.name)
            if !networks.contains(where: { $0.name == attachment.network.name }) {
                networks.append(attachment.network)
            }
        }
    }

    /// Has the plugins of each network collect.
    ///
    /// - Returns: the networks with what went wrong.
    package func collect() -> [(network: NetworkName, error: PluginError)] {
        networks.compactMap { network in
            do throws(PluginError) {
                _ = try runtime.collect(network, sparing: spared[network.name] ?? [])
                return nil
            } catch {
                return (network.name, error)
            }
        }
    }
}
