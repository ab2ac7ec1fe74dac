internal import Addresses
internal import CNI
package import Linux
internal import Netlink
package import PodLifecycle

/// How an interface of a running pod is.
package enum NetworkCondition: Equatable, Sendable {
    /// As it was made.
    case intact
    /// Its plugins can't be asked.
    case unknown
    /// Something of it is missing or wrong.
    case broken(String)
}

/// A look at the interfaces of a running pod, from the host's network namespace.
package struct NetworkCheck: ~Copyable {
    private let uuid: PodUUID
    private let pod: Descriptor
    private let plugins: PluginRuntime

    /// Takes hold of a pod's network namespace.
    ///
    /// - Parameter process: the pod's first process; whether it still was, has to be looked at afterwards.
    package init(
        of uuid: PodUUID,
        process: Int32,
        plugins: PluginRuntime
    ) throws(NetworkError) {
        self.uuid = uuid
        self.plugins = plugins
        pod = try step("open the pod's network namespace") { () throws(Errno) in
            try Descriptor.open("/proc/\(process)/ns/net")
        }
    }

    /// How one of the pod's interfaces is.
    ///
    /// - Parameter directory: the pod's directory.
    package func condition(
        of record: NetworkRecord,
        in directory: borrowing Directory
    ) -> NetworkCondition {
        do {
            guard record.plugin.isEmpty else { return try askPlugins(record, directory) }
            return try fault(of: record).map(NetworkCondition.broken) ?? .intact
        } catch {
            return .broken("\(error)")
        }
    }

    private func askPlugins(
        _ record: NetworkRecord,
        _ directory: borrowing Directory
    ) throws(PluginError) -> NetworkCondition {
        guard let records = try AttachmentRecords(of: directory) else { return .unknown }
        let isAsked = try plugins.check(
            record.interface,
            namespace: "/proc/\(CurrentProcess.pid)/fd/\(pod.number)",
            in: records
        )
        return isAsked ? .intact : .unknown
    }

    private func fault(of record: NetworkRecord) throws(NetworkError) -> String? {
        guard let network = BuiltInNetwork.all.first(where: { $0.name == record.name }),
            let number = Int(record.interface.drop { !$0.isNumber }),
            let address = IPAddress(record.address4)
        else { return "its record is damaged" }
        let host = NetworkHost(
            hasVersion6: !record.addresses6.isEmpty,
            prefix: NetworkHost.current().prefix
        )
        let wire = Wire(uuid: uuid, network: network, host: host, number: number)
        var podRoutes = try socket(in: pod)
        return try kernel { () throws(NetlinkError) in
            var filter = try NetlinkSocket(.filter)
            guard try filter.has(table: HostTable.name) else {
                return "the host's rules (table inet \(HostTable.name)) are missing"
            }
            var hostRoutes = try NetlinkSocket(.route)
            return try wire.fault(address, onHost: &hostRoutes, inPod: &podRoutes)
        }
    }

    /// Opens a conversation about another network namespace.
    private func socket(in namespace: borrowing Descriptor) throws(NetworkError) -> NetlinkSocket {
        let own = try step("open the host's network namespace") { () throws(Errno) in
            try Descriptor.open("/proc/self/ns/net")
        }
        try step("enter the pod's network namespace") { () throws(Errno) in
            try CurrentProcess.join(namespace, .network)
        }
        defer { try? CurrentProcess.join(own, .network) }
        return try kernel { () throws(NetlinkError) in try NetlinkSocket(.route) }
    }
}
