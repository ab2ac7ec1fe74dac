package import Linux

/// Why an image couldn't be brought into the store.
package enum FetchError: Error, Equatable, CustomStringConvertible {
    /// The fetcher says why.
    case refused(image: String, reason: String)
    /// An image file or directory can't be opened.
    case open(path: String, Errno)
    /// What lies at a path is no image file.
    case notAFile(path: String)
    /// The program that imports can't be started.
    case start(program: String, Errno)
    /// The program that imports ended without a word.
    case died(ExitStatus)
    /// Nothing in the store, and nothing else to ask.
    case unavailable(String)
    /// The image needs a signature and has none.
    case unsigned(path: String, signature: String)
    /// A signature was given for something that isn't signed by a file.
    case noUseOfSignature(String)
    /// The host of a name doesn't say where its image lies, nor is it a registry that has it.
    case undiscovered(String, registry: String?)
    /// The store failed.
    case store(StoreError)

    package var description: String {
        switch self {
        case .refused(let image, let reason): "cannot import \"\(image)\": \(reason)"
        case .open(let path, let error): "cannot open \"\(path)\": \(error)"
        case .notAFile(let path): "\"\(path)\" is not an image file"
        case .start(let program, let error): "cannot start \"\(program)\": \(error)"
        case .died(.exited(let code)): "rkt-fetcher ended with \(code) before the image was stored"
        case .died(.signaled(let signal)): "rkt-fetcher was killed by signal \(signal)"
        case .unavailable(let image):
            "unable to fetch image from image name \"\(image)\": either image was not found in the "
                + "store or store was disabled and fetching from remote yielded nothing or it was disabled"
        case .unsigned(let path, let signature):
            "\"\(path)\" is not signed: there is no \"\(signature)\" (give its signature by "
                + "--signature, or use --insecure-options=image)"
        case .noUseOfSignature(let image):
            "--signature goes with an ACI, not with \"\(image)\""
        case .undiscovered(let name, nil):
            "no host says where \"\(name)\" lies (an image of a registry is docker://\(name), "
                + "which isn't signed and needs --insecure-options=image)"
        case .undiscovered(let name, let reason?):
            "no host says where \"\(name)\" lies, and as an image of a registry: \(reason)"
        case .store(let error): error.description
        }
    }
}
