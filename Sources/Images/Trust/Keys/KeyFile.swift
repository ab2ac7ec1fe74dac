package import OpenPGP

/// A file of keys that somebody may want to trust.
package struct KeyFile: Sendable {
    /// Where it came from, as the user knows it.
    package let location: String
    /// The keys in it.
    package let keys: [PublicKey]

    /// Reads a file.
    package init(location: String, _ bytes: [UInt8]) throws(TrustError) {
        self.location = location
        do throws(OpenPGPError) {
            keys = try PublicKeys(parsing: bytes).keys
        } catch { throw .key(location, reason: error.description) }
    }
}
