package import CNI
internal import JSON
internal import Linux

/// An interface of a pod in a network that plugins make.
package struct PluginAttachment: Equatable, Sendable {
    /// The pod and its interface.
    package let name: AttachmentName
    /// The network, as it was configured when the interface was made.
    package let network: NetworkConfiguration
    /// The path of the pod's network namespace; empty once it is gone.
    package var namespace: String
    /// The value of `CNI_ARGS`.
    package let arguments: String
    /// What plugins with capabilities are told.
    package let runtime: RuntimeConfiguration

    /// Describes an interface.
    package init(
        _ name: AttachmentName,
        network: NetworkConfiguration,
        namespace: String,
        arguments: String = "",
        runtime: RuntimeConfiguration = RuntimeConfiguration()
    ) {
        self.name = name
        self.network = network
        self.namespace = namespace
        self.arguments = arguments
        self.runtime = runtime
    }
}
