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

    /// Shows what people compare.
    func show(_ key: PublicKey) {
        print("gpg key fingerprint is: \(key.fingerprint.grouped)")
        for subkey in key.subkeys { print("    Subkey fingerprint: \(subkey.grouped)") }
        for identity in key.identities { print("\t\(identity)") }
    }
}
