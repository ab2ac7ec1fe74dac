internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import Trust
internal import Unpacking

/// Why an image was refused or couldn't be stored; one line each.
enum ImportError: Error, CustomStringConvertible {
    /// A document or a rule of its format.
    case invalid(String)
    /// A document of an OCI image.
    case oci(OCIError)
    /// A part of the image: which one, and why.
    case part(String, UnpackError)
    /// A file that the image names isn't there, or is no regular file.
    case missing(String)
    /// A blob isn't what its digest or size says.
    case mismatch(String, reason: String)
    /// A step of the fetcher itself failed.
    case step(String, Errno)
    /// Nobody who is trusted has signed it.
    case untrusted(TrustError)
    /// The half that downloads has ended before everything was there.
    case noDownload
    /// The store failed.
    case store(StoreError)

    var description: String {
        switch self {
        case .invalid(let reason): reason
        case .oci(let error): error.description
        case .part(let part, let error): "\(part): \(error)"
        case .missing(let name): "there is no file \(quoted(name)) in the image"
        case .mismatch(let name, let reason): "\(quoted(name)) \(reason)"
        case .step(let step, let error): "cannot \(step): \(error)"
        case .untrusted(let error): error.description
        case .noDownload: "the download has ended too early"
        case .store(let error): error.description
        }
    }
}

/// Runs a step that talks to the kernel.
func step<Result: ~Copyable>(
    _ name: String,
    _ body: () throws(Errno) -> Result
) throws(ImportError) -> Result {
    do throws(Errno) { return try body() } catch { throw .step(name, error) }
}

/// Runs a step of the verification.
func trusting<Result: ~Copyable>(
    _ body: () throws(TrustError) -> Result
) throws(ImportError) -> Result {
    do throws(TrustError) { return try body() } catch { throw .untrusted(error) }
}

/// Runs a step of the store.
func storing<Result: ~Copyable>(
    _ body: () throws(StoreError) -> Result
) throws(ImportError) -> Result {
    do throws(StoreError) { return try body() } catch { throw .store(error) }
}

/// Reads a document of an OCI image.
func reading<Result>(_ body: () throws(OCIError) -> Result) throws(ImportError) -> Result {
    do throws(OCIError) { return try body() } catch { throw .oci(error) }
}
