internal import Base64
internal import Hashes
internal import Linux

/// A public key that a policy names, out of its file (PEM).
package struct SigningKeyFile: Sendable, Equatable {
    private static let sizeLimit = 64 << 10

    /// The file's path.
    package let path: String
    /// What is in it.
    package let pem: [UInt8]
    /// The key itself, whatever file it lies in: `sha256:` and the sum of its `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
    package let fingerprint: String

    /// Reads a file.
    ///
    /// Which key a policy means has to be plain from its files: a link may lead elsewhere tomorrow, and of several keys in a
    /// file others read the first.
    package init(path: String) throws(TrustError) {
        self.path = path
        do throws(Unusable) {
            pem = try Self.read(path)
            fingerprint = try Self.fingerprint(of: pem)
        } catch {
            throw .keystore(path: path, reason: "\(error.reason) (a policy names it as a key)")
        }
    }

    private struct Unusable: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    private static func read(_ path: String) throws(Unusable) -> [UInt8] {
        do throws(Errno) {
            let file = try Descriptor.open(path, [.nonBlocking, .noFollow])
            let status = try file.status()
            if status.kind == .regular, status.size <= UInt64(sizeLimit) {
                return try file.readToEnd(limit: sizeLimit)
            }
            let isFile = status.kind == .regular
            throw isFile ? Errno.fileTooLarge : Errno.invalidArgument
        } catch {
            switch error {
            case .tooManyLinks: throw Unusable("it is a symbolic link: name the file itself")
            case .fileTooLarge: throw Unusable("it has more than \(sizeLimit) bytes")
            case .invalidArgument: throw Unusable("it is not a file")
            default: throw Unusable(error.description)
            }
        }
    }

    private static func fingerprint(of pem: [UInt8]) throws(Unusable) -> String {
        let lines = pem.split { $0 == 0x0A || $0 == 0x0D }.map {
            String(decoding: $0, as: UTF8.self)
        }
        guard !lines.contains(where: { $0.hasPrefix("-----BEGIN ") && $0.contains("PRIVATE KEY") })
        else {
            throw Unusable("it is a private key: write its public half (openssl pkey -pubout)")
        }
        let blocks = lines.indices.filter { lines[$0].hasPrefix("-----BEGIN ") }
        guard let start = blocks.first, lines[start] == "-----BEGIN PUBLIC KEY-----",
            let end = lines[start...].firstIndex(of: "-----END PUBLIC KEY-----")
        else { throw Unusable("it is no public key (PEM, \"BEGIN PUBLIC KEY\")") }
        guard blocks.count == 1 else { throw Unusable("there are several keys in it") }
        guard let key = Base64.decode(lines[(start + 1)..<end].joined().utf8), !key.isEmpty else {
            throw Unusable("it is no public key: it is not base64")
        }
        let digits = Array("0123456789abcdef".utf8)
        let sum = SHA256.digest(key).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "sha256:" + String(decoding: sum, as: UTF8.self)
    }
}
