import Foundation

/// An ordinary user of the machine, made for a test and removed after it.
package final class UnprivilegedUser: Sendable {
    /// Whether the user has a range of subordinate ids.
    package enum Ids: Sendable {
        case range
        case single
    }

    /// The login name.
    package let name: String
    /// The user's home, where programs and data lie.
    package let home: Scratch
    private let rkt: String

    /// Adds the user, and copies the programs to where the user may run them.
    package init(ids: Ids) throws {
        name = "rktt\(UUID().uuidString.prefix(6).lowercased())"
        home = try Scratch()
        rkt = home("dist/bin/rkt")
        try tool("useradd", "--no-create-home", "--home-dir", home.path, name)
        try tool("sh", "-c", "sed -i '/^\(name):/d' /etc/subuid /etc/subgid")
        if ids == .range {
            try tool("usermod", "--add-subuids", "400000-465535", name)
            try tool("usermod", "--add-subgids", "400000-465535", name)
        }
        try tool("cp", "-r", Rkt.dist, home("dist"))
        try tool("chown", "-R", "\(name):", home.path)
    }

    deinit {
        // What pods left belongs to subordinate ids; the scratch directory goes as root.
        _ = try? tool("sh", "-c", "pkill -KILL -u '\(name)'; userdel '\(name)'; true")
    }

    /// Runs `rkt` as this user, with the data directory the user has by default.
    package func rkt(
        _ arguments: String...,
        environment: [String: String] = [:],
        within seconds: Double = 30
    ) throws -> Outcome {
        try start(arguments, environment: environment).finished(within: seconds)
    }

    /// The user's own `rkt`, for programs that start it.
    package var program: String { rkt }

    /// Runs another program as this user.
    package func run(
        _ command: [String],
        environment: [String: String] = [:],
        within seconds: Double = 60
    ) throws -> Outcome {
        try execution(command, environment).finished(within: seconds)
    }

    /// Starts `rkt` as this user.
    package func start(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> Execution {
        try execution([rkt] + arguments, environment)
    }

    private func execution(
        _ command: [String],
        _ environment: [String: String]
    ) throws -> Execution {
        let usual = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": home.path, "USER": name]
        return try Execution(
            ["/usr/bin/setpriv", "--reuid", name, "--regid", name, "--init-groups"] + command,
            environment: usual.merging(environment) { _, new in new },
            directory: home.path
        )
    }
}
