package import ImageStorage

extension Context {
    /// What holds for everything that the command does on the network.
    package var network: NetworkOptions {
        var network = NetworkOptions()
        network.allowsPlainHTTP = options.insecure.contains(.http)
        network.allowsPlainKeys = options.insecure.contains(.pubkey)
        network.skipsCertificates = options.insecure.contains(.tls)
        network.configuration =
            [options.systemConfiguration, options.localConfiguration]
            + [options.userConfiguration].compactMap(\.self)
        network.userAgent = "rkt/\(Version.rkt)"
        return network
    }
}
