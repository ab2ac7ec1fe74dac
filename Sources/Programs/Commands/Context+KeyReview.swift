internal import AppContainer
internal import ImageStorage
internal import Linux
internal import OpenPGP
internal import Trust

extension Context {
    /// Asks whether a key that was shown is the right one.
    func confirmKey() throws(CommandError) -> Bool {
        guard StandardStream.input.isTerminal, StandardStream.error.isTerminal else {
            throw .failed("unable to ask user to review fingerprint due to lack of tty")
        }
        while true {
            try? StandardStream.error.write(
                "Are you sure you want to trust this key (yes/no)?\n"
            )
            switch readLine() {
            case "yes"?: return true
            case "no"?, nil: return false
            default: complain("please enter 'yes' or 'no'")
            }
        }
    }

    /// What is done about a key that the host of a name publishes: it is shown, and trusted for that name if the user says
    /// so, or said so by `--trust-keys-from-https`.
    var keyReview: ImageFetcher.KeyReview {
        { name, file throws(FetchError) in
            do {
                let scope = KeyScope.prefix(try ImagePrefix(name.text))
                for key in file.keys {
                    complain("\(scope)\nkey: \"\(file.location)\"")
                    show(key)
                    guard try trusts(unseen: file) || confirmKey() else { continue }
                    let path = try keystore.add(key, for: scope)
                    complain("Added key for \(scope) at \"\(path)\"")
                }
            } catch { throw .refused(image: name.text, reason: "\(error)") }
        }
    }

    /// Whether a key is trusted because of where it comes from (`--trust-keys-from-https`).
    func trusts(unseen file: KeyFile) -> Bool {
        options.trustsKeysFromHTTPS
            && (file.location.hasPrefix("https://") || options.insecure.contains(.pubkey))
    }

    /// Shows what people compare.
    func show(_ key: PublicKey) {
        complain("gpg key fingerprint is: \(key.fingerprint.grouped)")
        for subkey in key.subkeys { complain("    Subkey fingerprint: \(subkey.grouped)") }
        for identity in key.identities { complain("    \(identity)") }
    }
}
