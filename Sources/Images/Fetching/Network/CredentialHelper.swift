internal import Distribution
internal import JSON
internal import Linux

/// A program that keeps passwords: `docker-credential-NAME`.
struct CredentialHelper {
    private static let answerLimit = 64 << 10
    /// What helpers say if they have nothing, which is no failure.
    private static let nothing = [
        "credentials not found in native keychain", "no credentials server URL",
        "no credentials username",
    ]
    private let name: String
    private let directories: [String]
    private let milliseconds: Int64

    /// A helper by its short name.
    ///
    /// - Parameters:
    ///   - directories: where it is looked for.
    ///   - milliseconds: how long it may take: it may ask somebody for a password of its own.
    init(
        _ name: String,
        in directories: [String] = Self.directories,
        milliseconds: Int64 = 60_000
    ) throws(DistributionError) {
        let isPlain = name.utf8.allSatisfy {
            0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 | 0x20 || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
        }
        guard isPlain, !name.isEmpty, name.first != "." else {
            throw .answer("\(name.debugDescription) is not the name of a credential helper")
        }
        self.name = "docker-credential-\(name)"
        (self.directories, self.milliseconds) = (directories, milliseconds)
    }

    private static var directories: [String] {
        (Environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
            .map(String.init)
    }

    /// Asks the program; nil if it has no login for the registry.
    func login(for registry: String) throws(DistributionError) -> RegistryCredentials? {
        guard let program else {
            throw .answer("the credential helper \"\(name)\" is not installed")
        }
        let child = BoundedChild(
            program,
            arguments: ["get"],
            environment: Environment.entries,
            outputLimit: Self.answerLimit,
            milliseconds: milliseconds
        )
        let outcome: BoundedChild.Outcome
        do throws(BoundedChild.Failure) {
            outcome = try child.run(input: Array(registry.utf8))
        } catch { throw failure(error) }
        guard outcome.status == .exited(0) else {
            let words = Self.line(outcome.output) ?? Self.line(outcome.errors) ?? "no reason given"
            if Self.nothing.contains(words) { return nil }
            throw .answer("the credential helper \"\(name)\" failed: \(words)")
        }
        return try login(outcome.output)
    }

    private func login(_ answer: [UInt8]) throws(DistributionError) -> RegistryCredentials? {
        guard let json = try? JSON.parse(answer), let user = json["Username"]?.string,
            let secret = json["Secret"]?.string
        else { throw .answer("the credential helper \"\(name)\" answers what is no login") }
        if user.isEmpty, secret.isEmpty { return nil }
        return user == "<token>" ? .identityToken(secret) : .password(user: user, secret)
    }

    private func failure(_ error: BoundedChild.Failure) -> DistributionError {
        let reason =
            switch error {
            case .system(let error): "can't be run: \(error)"
            case .timeout: "gave no answer for \(milliseconds / 1000) s"
            case .output: "answers more than \(Self.answerLimit) bytes"
            }
        return .answer("the credential helper \"\(name)\" \(reason)")
    }

    /// The first line that isn't empty.
    private static func line(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes.prefix(500), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    private var program: String? {
        directories.map { "\($0)/\(name)" }.first { path in
            path.hasPrefix("/")
                && (try? Descriptor.open(path, .nonBlocking).status().kind) == .regular
        }
    }
}
