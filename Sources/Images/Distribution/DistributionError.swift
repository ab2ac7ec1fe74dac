package import OCI
package import Transfers

/// Why an image couldn't be got from, or sent to, a registry.
package enum DistributionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The way there.
    case transfer(TransferError)
    /// The registry wants somebody else, or anybody at all.
    case denied(what: String, reason: String)
    /// A registry sends its visitors' passwords somewhere they don't belong.
    case realm(registry: String, realm: String)
    /// The registry doesn't have it.
    case missing(String)
    /// A document of the image is wrong.
    case document(OCIError)
    /// What came isn't what was asked for.
    case mismatch(String, reason: String)
    /// The registry does what the protocol doesn't.
    case answer(String)

    package var description: String {
        switch self {
        case .transfer(let error): error.description
        case .denied(let what, let reason):
            "\(what): access denied\(reason.isEmpty ? "" : ": \(reason)")"
        case .realm(let registry, let realm):
            "\(registry) wants credentials to go to \(realm), which is another domain "
                + "(name it in \"realms\" of the registry's dockerAuth if that is right)"
        case .missing(let what): "\(what): not found in the registry"
        case .document(let error): error.description
        case .mismatch(let what, let reason): "\(what) \(reason)"
        case .answer(let reason): reason
        }
    }
}

/// Runs a step on the network.
func transferring<Result>(
    _ body: () throws(TransferError) -> Result
) throws(DistributionError) -> Result {
    do throws(TransferError) { return try body() } catch { throw .transfer(error) }
}

/// Reads a document.
func reading<Result>(_ body: () throws(OCIError) -> Result) throws(DistributionError) -> Result {
    do throws(OCIError) { return try body() } catch { throw .document(error) }
}
