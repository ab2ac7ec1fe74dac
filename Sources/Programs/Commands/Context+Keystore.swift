package import Trust

extension Context {
    /// The keys that may have signed images.
    package var keystore: Keystore {
        Keystore(
            systemConfiguration: options.systemConfiguration,
            localConfiguration: options.localConfiguration
        )
    }
}
