package import OpenPGP

/// A key of the keystore.
package struct TrustedKey: Sendable, Equatable {
    /// Its fingerprint, which its file is named by.
    package let fingerprint: Fingerprint
    /// Which images it may vouch for.
    package let scope: KeyScope
    /// Its file.
    package let path: String
    /// Whether it is the vendor's rather than this machine's own.
    package let isVendors: Bool
    /// Its packets, or why they can't be used.
    package let content: Result<PublicKeys, OpenPGPError>
}

extension [TrustedKey] {
    /// What a keyring file with these keys holds.
    var keyring: [UInt8] {
        var seen: Set<[UInt8]> = []
        return flatMap { key -> [UInt8] in
            guard case .success(let keys) = key.content, seen.insert(keys.packets).inserted else {
                return []
            }
            return keys.packets
        }
    }

    /// The scopes that a key has in its several files.
    func scopes(of key: Fingerprint) -> [KeyScope] { filter { $0.fingerprint == key }.map(\.scope) }
}
