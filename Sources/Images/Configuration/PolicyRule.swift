/// What images must bring along whose names begin alike (kind `policy`).
package struct PolicyRule: Sendable, Hashable {
    /// What is asked of an image.
    package enum Requirement: Sendable, Hashable {
        /// A signature by a trusted key; by one of these keys if it comes from a registry.
        case signedBy(RegistrySigners)
        /// Nothing.
        case insecureAcceptAnything
        /// More than any image has.
        case reject
    }

    /// Who signs the images of a registry.
    package struct RegistrySigners: Sendable, Hashable {
        /// Files with public keys (PEM), by absolute paths.
        package let keys: [String]
        /// What stands for the prefix in the names that were signed, if that is something else.
        package let signedAs: String?

        /// Names keys.
        package init(keys: [String] = [], signedAs: String? = nil) {
            (self.keys, self.signedAs) = (keys, signedAs)
        }
    }

    /// The beginning of names, in whole segments; empty for all.
    package let prefix: String
    package let requirement: Requirement

    /// A rule for names.
    package init(prefix: String, _ requirement: Requirement) {
        (self.prefix, self.requirement) = (prefix, requirement)
    }

    /// Whether it is for a name.
    package func covers(_ name: String) -> Bool {
        prefix.isEmpty || name == prefix || name.hasPrefix(prefix + "/")
    }
}
