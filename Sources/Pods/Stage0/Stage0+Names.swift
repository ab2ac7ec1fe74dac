internal import Addresses
internal import Linux
internal import PodLifecycle
internal import PodNetworking
internal import Stage1ABI

extension Stage0 {
    /// Writes what apps see as their host name, hosts and resolver, and makes the pod known to others on its networks.
    ///
    /// - Returns: what takes the names back at the pod's end.
    func writeNames(
        of run: PodRun,
        _ uuid: PodUUID,
        on attachments: [Attachment],
        in pod: borrowing Directory,
        warn: (String) -> Void
    ) throws -> [EndStep] {
        let files = NameFiles(run.options)
        let named = NamedPod(uuid, hostname: run.hostname, on: attachments)
        let own = attachments.flatMap(\.addresses).map(\.address.description)
        try step("write the pod's names") { () throws(Errno) in
            for file in files.files(hostname: run.hostname, addresses: own)
            where !named.isSociable || file.name != NameFiles.hosts {
                try pod.createFile(file.name, Array(file.text.utf8), mode: 0o644)
            }
        }
        guard named.isSociable else { return [] }
        let data = try step("open \"\(dataDirectory)\"") { () throws(Errno) in
            try Directory(path: dataDirectory)
        }
        let pods = try PodsDirectory(dataDirectory: dataDirectory)
        let names = try NetworkNames(in: data) { pods.isRunning($0) }
        let joined = try names.join(
            named,
            lines: files.hostsLines,
            linking: NameFiles.hosts,
            in: pod
        )
        if let holder = joined.holder {
            warn(
                "warning: the name \"\(run.hostname)\" is pod \"\(holder)\"'s on its networks; "
                    + "others find this one as \"rkt-\(uuid)\""
            )
        }
        if !joined.unknownNetworks.isEmpty {
            warn(
                "warning: the pod is on more networks than one file of names can be for; it doesn't know the pods of "
                    + joined.unknownNetworks.joined(separator: ", ")
            )
        }
        return joined.endSteps
    }
}
