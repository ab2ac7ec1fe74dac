package import Configuration

/// The rules of this machine for images, whatever their format and wherever they come from.
package struct TrustPolicy: Sendable {
    private let rules: [PolicyRule]
    let isWaived: Bool

    /// Takes the rules of a configuration.
    ///
    /// - Parameter isWaived: whether the user said `--insecure-options=image`: then no signature is needed, but what is to
    ///   be rejected still is.
    package init(_ rules: [PolicyRule], isWaived: Bool) {
        (self.rules, self.isWaived) = (rules, isWaived)
    }

    /// Reads the rules of configuration directories.
    package init(
        directories: [String],
        isWaived: Bool
    ) throws(ConfigurationError) {
        let configuration = try Configuration(directories: directories, kinds: [.policy])
        self.init(configuration.policies, isWaived: isWaived)
    }

    /// The rule for a name: the one of the longest prefix; for an image without a name the one for all.
    package func rule(for name: String?) -> PolicyRule? {
        rules.filter { $0.covers(name ?? "") }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
    }

    /// Who signs the images of a name; nil if nothing says that they are signed.
    package func signers(of name: String) -> PolicyRule.RegistrySigners? {
        guard case .signedBy(let signers) = rule(for: name)?.requirement else { return nil }
        return signers
    }

    /// Why an image of a name needs no signature; nil if it does, or if nothing is said about it.
    package func exemption(for name: String?) -> Exemption? {
        if isWaived { return .insecureImageOption }
        return rule(for: name)?.requirement == .insecureAcceptAnything ? .policy : nil
    }

    /// Refuses a new image that breaks the rule for one of its names; its signature was checked by the keys as they are.
    package func admit(_ names: [String], _ warrant: Warrant?) throws(TrustError) {
        for name in names.isEmpty ? [nil] : names.map(Optional.some) {
            guard let rule = rule(for: name) else { continue }
            let subject = (name ?? "", rule.prefix)
            switch rule.requirement {
            case .insecureAcceptAnything: break
            case .reject: throw .rejected(name: subject.0, prefix: subject.1)
            case .signedBy:
                switch warrant {
                case .signed: break
                case .exempt, nil:
                    guard isWaived else { throw .unsigned(name: subject.0, prefix: subject.1) }
                }
            }
        }
    }
}
