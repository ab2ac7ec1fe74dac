internal import AppContainer
internal import JSON
internal import Linux
internal import PodLifecycle
internal import PodNetworking

extension Stage0 {
    /// Makes the pod's network and writes down what it is.
    func network(
        _ requests: [NetworkRequest],
        of run: PodRun,
        in pod: borrowing Directory
    ) throws -> PodNetwork {
        guard !run.host.isRootless else {
            throw NetworkError.unprivileged(network: requests.first?.network.name ?? "")
        }
        guard let uuid = PodUUID(run.uuid) else {
            throw Stage0Error.manifest("\"\(run.uuid)\" is no UUID")
        }
        let pods = try PodsDirectory(dataDirectory: dataDirectory)
        let data = try step("open \"\(dataDirectory)\"") { () throws(Errno) in
            try Directory(path: dataDirectory)
        }
        var setup = try PodNetworkSetup.begin(uuid, data: data) { pods.isRunning($0) }
        for request in requests { try setup.attach(request) }
        let network = setup.finished()
        let records = JSON.array(network.attachments.map(\.record.json))
        try step("write \"\(PodFile.networks)\" of the pod") { () throws(Errno) in
            try pod.createFile(PodFile.networks, records.encodedBytes() + [0x0A], mode: 0o644)
        }
        return network
    }
}

extension PodNetwork {
    /// The pod's and the host's network namespace, open for the program that this process becomes.
    consuming func inherited() throws(Stage0Error) -> (pod: Int32, host: Int32) {
        let pair = intoDescriptors()
        try step("pass on the network namespaces") { () throws(Errno) in
            try pair.pod.keepOnExec()
            try pair.host.keepOnExec()
        }
        return pair.released()
    }
}
