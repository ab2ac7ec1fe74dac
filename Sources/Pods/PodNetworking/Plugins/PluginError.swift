package import CNI
internal import JSON
package import Linux

/// Why plugins didn't do what was asked of them.
package enum PluginError: Error, CustomStringConvertible {
    /// No directory has the plugin.
    case notFound(plugin: String, directories: [String])
    /// The program could not be run to its end.
    case run(program: String, BoundedChild.Failure)
    /// The plugin says why.
    case complaint(plugin: String, PluginCommand, PluginComplaint)
    /// The plugin failed without a proper reason.
    case failure(plugin: String, PluginCommand, ExitStatus, output: String)
    /// The plugin succeeded and said something that means nothing.
    case answer(plugin: String, PluginCommand, CNIError)
    /// A plugin speaks no version that the network is written for and its other plugins speak.
    case version(network: String, [CNIVersion], plugin: String, speaks: [String])
    /// The pod asks for something that no plugin of the network heeds.
    case capability(network: String, [String])
    /// The network's configuration can't be told to its plugins.
    case request(network: String, CNIError)
    /// The record of an attachment.
    case record(String, reason: String)
    /// Several things went wrong; the rest was done.
    case several([PluginError])

    package var description: String {
        switch self {
        case .notFound(let plugin, let directories):
            "there is no plugin \(quoted(plugin)) in \(directories.joined(separator: ", "))"
        case .run(let program, .system(let error)): "cannot run \(quoted(program)): \(error)"
        case .run(let program, .timeout): "\(quoted(program)) took too long and was killed"
        case .run(let program, .output): "\(quoted(program)) wrote too much and was killed"
        case .complaint(let plugin, let command, let complaint):
            "plugin \(quoted(plugin)) failed (\(command.rawValue)): \(complaint)"
        case .failure(let plugin, let command, let status, let output):
            "plugin \(quoted(plugin)) failed (\(command.rawValue)): \(Self.text(status))"
                + (output.isEmpty ? "" : ": \(quoted(output))")
        case .answer(let plugin, let command, let error):
            "plugin \(quoted(plugin)) answered nonsense (\(command.rawValue)): \(error)"
        case .version(let network, let needed, let plugin, let speaks):
            "network \(quoted(network)) needs CNI "
                + needed.map { quoted($0.rawValue) }.joined(separator: " or ")
                + ", but plugin \(quoted(plugin)) speaks only "
                + "\(speaks.map(quoted).joined(separator: ", ")) (change cniVersion)"
        case .capability(let network, let names):
            "network \(quoted(network)): no plugin has the capability "
                + names.map(quoted).joined(separator: ", ")
        case .request(let network, let error): "network \(quoted(network)): \(error)"
        case .record(let name, let reason): "cannot keep or read \(quoted(name)): \(reason)"
        case .several(let errors): errors.map(\.description).joined(separator: "\n")
        }
    }

    private static func text(_ status: ExitStatus) -> String {
        switch status {
        case .exited(let code): "exit code \(code)"
        case .signaled(let number): "killed by signal \(number)"
        }
    }
}
