internal import Cgroups
internal import Linux
package import PodLifecycle
internal import PodNetworking

/// What a command works with besides its own flags; all printing goes through it.
package struct Context {
    /// The command's name, which every line on stderr begins with.
    package let command: String
    /// The global flags.
    package let options: GlobalOptions
    /// What is left of the command line without flags.
    package let arguments: [String]
    /// The data directory as an absolute path.
    package let dataDirectory: String
    /// What an ordinary user's namespace can't do, if anything (for commands with `needsUserNamespace`).
    package var userNamespaceRemark: String?

    /// What a command of this or another program works with.
    package init(
        command: String,
        options: GlobalOptions,
        arguments: [String],
        dataDirectory: String
    ) {
        self.command = command
        self.options = options
        self.arguments = arguments
        self.dataDirectory = dataDirectory
    }

    /// The pods of the data directory.
    package func pods() throws(PodError) -> PodsDirectory {
        try PodsDirectory(dataDirectory: dataDirectory)
    }

    /// Gives back what a pod holds outside its directory, before that is removed.
    func release(_ pod: borrowing GarbagePod) throws {
        // First what may still run: a plugin that fails keeps the pod's directory, but no process.
        try CgroupRemoval.remove(pod.cgroups())
        guard pod.directory.contains(AttachmentRecords.directory) else { return }
        // No plugin collects meanwhile.
        let use = try HostUse()
        try PluginRuntime(plugins).release(pod.directory, .gone)
        _ = consume use
    }

    /// Gives back what pods that don't run any more have left of their networks.
    func collectNetworks() throws {
        guard let data = try? Directory(path: dataDirectory) else { return }
        let pods = try pods()
        try NetworkCollection { pods.isRunning($0) }.collect(in: data)
    }

    /// Has plugins give back what they keep for pods that nobody knows of, unless a pod is on a network of this host.
    ///
    /// - Returns: whether all of them could.
    func collectPlugins() throws -> Bool {
        // Ordinary users have no networks of plugins.
        guard CurrentProcess.effectiveUser == 0, try CurrentProcess.isInFirstUserNamespace() else {
            return true
        }
        guard let host = try UnusedHost.take() else {
            debug("a pod is on a network: plugins collect nothing")
            return true
        }
        let catalog = try NetworkCatalog(configuration: options.localConfiguration)
        var collection = PluginCollection(catalog, on: host, PluginRuntime(plugins))
        let pods = try pods()
        for location in try pods.list(PodPhase.allCases) {
            guard let pod = try pods.observe(location) else { continue }
            try collection.spare(pod.directory)
        }
        let failures = collection.collect()
        for (network, error) in failures {
            complain("network \"\(network)\" not collected: \(error)")
        }
        return failures.isEmpty
    }

    /// Says that the command takes no arguments, if it was given any.
    package func refuseArguments() throws(CommandError) {
        guard let first = arguments.first else { return }
        throw .usage("unexpected argument \"\(printable(first))\"")
    }

    /// Writes to stdout as it is: text from outside must be `printable` by now.
    package func print(_ text: String, terminator: String = "\n") {
        // Nobody is left to tell when stdout is gone.
        try? StandardStream.output.write(text + terminator)
    }

    /// Writes to stderr, each line after the command's name and without control characters.
    package func complain(_ message: some CustomStringConvertible) {
        try? StandardStream.error.write(Self.lines(message.description, by: command))
    }

    /// A message as it is printed: each line after the command's name and without control characters.
    package static func lines(_ message: String, by command: String) -> String {
        message.split(separator: "\n").map { "\(command): \(printable($0))\n" }.joined()
    }

    /// Writes to stderr if `--debug` was given.
    package func debug(_ message: @autoclosure () -> String) {
        if options.isDebugging { complain(message()) }
    }
}
