internal import AppContainer
internal import CNI
internal import JSON
internal import Linux
internal import PodLifecycle
internal import PodNetworking
internal import Stage1ABI

/// A pod's network, made: descriptors for the program that this process becomes, and what that does at its end.
struct MadeNetwork {
    let pod: Int32
    let host: Int32
    let endSteps: [EndStep]
    let attachments: [Attachment]

    /// The pod's interfaces in built-in networks.
    var wires: [String] { attachments.filter(\.plugin.isEmpty).map(\.interface) }

    /// Lets go of the namespaces when no program takes them over.
    func close() {
        PodNetwork.takeBackRules(endSteps)
        _ = Descriptor(owning: pod)
        _ = Descriptor(owning: host)
    }
}

extension Stage0 {
    /// Makes the pod's network and writes down what it is; nil for a pod that is on none.
    func network(
        of uuid: PodUUID,
        _ manifest: PodManifest,
        _ options: StartOptions,
        isRootless: Bool,
        in pod: borrowing Directory,
        warn: (String) -> Void
    ) throws -> MadeNetwork? {
        guard case .networks(let networks) = options.network else {
            guard manifest.ports.isEmpty else {
                throw NetworkError.port(
                    "list",
                    reason: "a pod without a network of its own has no ports (--net=none, host)"
                )
            }
            return nil
        }
        guard !isRootless else {
            throw NetworkError.unprivileged(network: networks.first?.entry.name ?? "")
        }
        let pods = try PodsDirectory(dataDirectory: dataDirectory)
        let place = PodPlace(uuid, dataDirectory: dataDirectory) { pods.isRunning($0) }
        var setup = try PodNetworkSetup.begin(place)
        try setup.attach(
            networks,
            ports: try manifest.forwards(),
            telling: options.told(of: uuid),
            plugins: PluginRuntime(options.plugins)
        )
        let network = setup.finished(release: release(of: uuid, options))
        if let warning = network.obstacles.warning { warn("warning: \(warning)") }
        let records = JSON.array(network.attachments.map(\.record.json))
        try step("write \"\(PodFile.networks)\" of the pod") { () throws(Errno) in
            try pod.createFile(PodFile.networks, records.encodedBytes() + [0x0A], mode: 0o644)
        }
        return try network.inherited()
    }

    /// Gives back what a pod that could not be started had of its networks, as its supervisor would have.
    func abandon(
        _ network: MadeNetwork?,
        of uuid: PodUUID,
        _ options: StartOptions,
        in pod: borrowing Directory
    ) {
        guard case .networks = options.network else { return }
        // Whatever stays is for gc, as after a kill.
        let plugins = PluginRuntime(options.plugins)
        do throws(PluginError) { try plugins.release(pod, network == nil ? .gone : .kept) } catch {}
        network?.close()
        guard let data = try? Directory(path: dataDirectory),
            let pods = try? PodsDirectory(dataDirectory: dataDirectory)
        else { return }
        let collection = NetworkCollection { $0 != uuid && pods.isRunning($0) }
        do throws(NetworkError) { try collection.collect(in: data) } catch {}
    }

    /// What gives back the networks of plugins: this program, which knows how.
    private func release(of uuid: PodUUID, _ options: StartOptions) -> EndStep {
        .execute(
            program: CurrentProcess.executablePath,
            arguments: [
                "rkt", "--dir=\(dataDirectory)", "network-release",
                "--plugins=\(options.plugins.directories.joined(separator: ":"))",
                "--with-namespace",
                uuid.description,
            ]
        )
    }
}

extension PodNetwork {
    fileprivate consuming func inherited() throws(Stage0Error) -> MadeNetwork {
        let (endSteps, attachments) = (endSteps, attachments)
        let pair = intoDescriptors()
        try step("pass on the network namespaces") { () throws(Errno) in
            try pair.pod.keepOnExec()
            try pair.host.keepOnExec()
        }
        let (pod, host) = pair.released()
        return MadeNetwork(pod: pod, host: host, endSteps: endSteps, attachments: attachments)
    }
}

extension StartOptions {
    /// What plugins that want to know are told about a pod: its name servers, and the names it is found by.
    fileprivate func told(of uuid: PodUUID) -> RuntimeConfiguration {
        var told = RuntimeConfiguration()
        if case .servers(let resolver) = dns {
            var service = NameService()
            service.nameservers = resolver.servers
            service.search = resolver.search
            service.options = resolver.options
            told.nameService = service
        }
        told.aliases = [hostname, "rkt-\(uuid)"].compactMap(\.self)
        return told
    }

    /// The options of a pod whose networks want names to be found in some way: flags say more, and the first network
    /// that says something counts.
    func resolving(by attachments: [Attachment]) -> StartOptions {
        guard dns == .network,
            let first = attachments.first(where: { !$0.nameService.isEmpty })
        else { return self }
        let service = first.nameService
        var options = self
        options.dns = .servers(
            ResolverConfiguration(
                servers: service.nameservers,
                search: service.search,
                options: service.options,
                domain: service.domain ?? "",
                source: "from network \(first.network)"
            )
        )
        return options
    }
}
